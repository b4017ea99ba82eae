import ChromaModel
import Logging
import Storage
import Synchronization
import VectorIndex

extension Collection {
  /// One moment of a collection with the point in its history it stands for.
  private struct Cut {
    var generation: Generation
    var records: RecordTable.Snapshot
    var lastVersion: Int64
    var lastChange: Int64
    /// The checkpoint before, whose unchanged files are named again.
    var previous: Manifest?
  }

  /// Saves the derived state: blocks and vectors that are new, the bitmap of live rows, the links, then the manifest.
  ///
  /// Reads and writes go on meanwhile. A failure leaves the checkpoint before in force.
  ///
  /// - Returns: whether there is nothing to try again.
  @discardableResult
  func checkpoint() -> Bool {
    saving.withLock { _ in
      var succeeded = true
      do {
        guard let cut = try writer.withLock({ writer in try self.cut(writer) }) else { return true }
        let manifest = try save(cut)
        let blocks = try newBlocks(of: manifest, cut)
        try writer.withLock { writer in try adopt(manifest, blocks, of: cut, &writer) }
      } catch {
        services.logger.warning("checkpoint failed", metadata: ["collection": "\(id)", "error": "\(error)"])
        succeeded = false
      }
      // Only while the database is open is the directory this collection's: a successor may have it afterwards.
      writer.withLock { writer in
        if writer.store != nil, services.lease.allowsCommit() { segments.removeFiles(notIn: writer.manifest) }
      }
      return succeeded
    }
  }

  private func cut(_ writer: borrowing Writer) throws(StorageError) -> Cut? {
    guard let store = writer.store, writer.failure == nil, !isDeleted.load(ordering: .acquiring) else { return nil }
    let generation = generation.withLock { $0 }
    return Cut(
      generation: generation, records: generation.table.snapshot(), lastVersion: writer.nextVersion - 1,
      lastChange: try store.lastChange(), previous: writer.manifestIsOutdated ? nil : writer.manifest)
  }

  private func save(_ cut: Cut) throws(StorageError) -> Manifest {
    var manifest = Manifest()
    manifest.rowCount = cut.records.rowCount
    manifest.tailVersions = cut.records.tailVersions
    manifest.lastVersion = cut.lastVersion
    manifest.lastChange = cut.lastChange
    manifest.blockFiles = cut.previous?.blockFiles ?? []
    let savedBlocks = manifest.blockFiles.reduce(0) { $0 + $1.starts.count }
    if savedBlocks < cut.records.blocks.count {
      manifest.blockFiles.append(try saveBlocks(cut.records.blocks[savedBlocks...]))
    }
    let live = cut.records.live.segmentBytes(rowCount: cut.records.blockRows)
    manifest.live = try segments.write(Self.fileName("live")) { (write) throws(StorageError) in
      try live.withUnsafeBufferPointer { (bytes) throws(StorageError) in try write(UnsafeRawBufferPointer(bytes)) }
    }
    if let index = cut.generation.index { try saveIndex(index, cut, &manifest) }
    return manifest
  }

  /// Random, since a name that is used again could truncate a file that is still mapped.
  private static func fileName(_ kind: String) -> String {
    "\(kind)-\(String(UInt64.random(in: .min ... .max), radix: 16)).segment"
  }

  private func saveBlocks(_ blocks: ArraySlice<RecordBlock>) throws(StorageError) -> Manifest.BlockFile {
    var starts: [Int] = []
    let file = try segments.write(Self.fileName("records")) { (write) throws(StorageError) in
      var start = 0
      for block in blocks {
        starts.append(start)
        try write(block.bytes)
        start += block.bytes.count
      }
    }
    return Manifest.BlockFile(file: file, starts: starts)
  }

  private func saveIndex(_ index: HNSWIndex, _ cut: Cut, _ manifest: inout Manifest) throws(StorageError) {
    let rows = cut.records.rowCount
    manifest.dimension = index.dimension
    manifest.neighbors = index.parameters.m
    let full = rows / index.rowsPerChunk
    manifest.vectorFiles = (cut.previous?.vectorFiles ?? []).filter { $0.byteCount == index.chunkBytes }
    let chunks = (rows + index.rowsPerChunk - 1) / index.rowsPerChunk
    for chunk in min(manifest.vectorFiles.count, full)..<chunks {
      manifest.vectorFiles.append(
        try segments.write(Self.fileName("vectors")) { (write) throws(StorageError) in
          try write(index.vectorChunk(chunk, rows: rows))
        })
    }
    manifest.graph = try segments.write(Self.fileName("graph")) { (write) throws(StorageError) in
      do {
        try index.encodeGraph(rows: rows) { try write($0) }
      } catch let error as StorageError {
        throw error
      } catch {
        throw .damaged(path: self.segments.path, reason: "\(error)")
      }
    }
  }

  /// Makes the new checkpoint the one that counts, unless a compaction has renumbered the rows meanwhile.
  private func adopt(
    _ manifest: Manifest, _ blocks: [RecordBlock], of cut: Cut, _ writer: inout Writer
  ) throws(StorageError) {
    guard generation.withLock({ $0.table === cut.generation.table }), let store = writer.store else { return }
    guard services.lease.allowsCommit() else { throw .leaseLost(path: directory) }
    try segments.publish(manifest)
    writer.manifest = manifest
    writer.manifestIsOutdated = false
    // With the writer's lock held, since a write that is being published would put the old ones back.
    cut.generation.table.replaceBlocks(startingAt: cut.records.blocks.count - blocks.count, with: blocks)
    savedRows.store(manifest.rowCount, ordering: .relaxed)
    try store.forgetChanges(through: manifest.lastChange)
  }

  /// The blocks that were in memory until now, where their files are mapped.
  private func newBlocks(of manifest: Manifest, _ cut: Cut) throws(StorageError) -> [RecordBlock] {
    var blocks: [RecordBlock] = []
    for blockFile in manifest.blockFiles.dropFirst(cut.previous?.blockFiles.count ?? 0) {
      blocks += try blockFile.open(in: segments)
    }
    return blocks
  }
}

extension Manifest.BlockFile {
  /// The blocks, where the file is mapped.
  func open(in segments: SegmentDirectory) throws(StorageError) -> [RecordBlock] {
    let mapped = try segments.map(file)
    var blocks: [RecordBlock] = []
    for (start, end) in zip(starts, starts.dropFirst() + [file.byteCount]) {
      let bytes = UnsafeRawBufferPointer(rebasing: mapped.bytes[start..<end])
      blocks.append(try RecordBlock(bytes: bytes, owner: mapped, path: mapped.path))
    }
    return blocks
  }
}
