import ChromaModel
import Dispatch
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
  }

  /// Saves the derived state: blocks and vectors that are new, the bitmap of live rows, the links, then the manifest.
  /// Most of the blocks and vectors have been saved before, as they became full.
  ///
  /// Reads and writes go on meanwhile. A failure leaves the checkpoint before in force.
  ///
  /// - Returns: whether there is nothing to try again.
  /// - Parameter closing: saves the graph for a smaller gain.
  @discardableResult
  func checkpoint(closing: Bool = false) -> Bool {
    saving.withLock { _ in
      var succeeded = true
      do {
        // Whole blocks are saved as they are, other rows by their versions.
        let table = generation.withLock { $0 }.table
        while seal(table) {}
        guard let cut = try writer.withLock({ writer in try self.cut(writer) }) else { return true }
        let manifest = try save(cut, closing: closing)
        try writer.withLock { writer in try adopt(manifest, of: cut, &writer) }
      } catch {
        services.logger.warning("checkpoint failed", metadata: ["collection": "\(id)", "error": "\(error)"])
        succeeded = false
      }
      // Only while the database is open is the directory this collection's: a successor may have it afterwards.
      writer.withLock { writer in
        guard writer.store != nil, services.lease.allowsCommit() else { return }
        segments.removeFiles(
          notIn: writer.manifest, keeping: generation.withLock { $0 }.segments.files.names)
      }
      return succeeded
    }
  }

  private func cut(_ writer: borrowing Writer) throws(StorageError) -> Cut? {
    guard let store = writer.store, writer.failure == nil, !isDeleted.load(ordering: .acquiring) else { return nil }
    let generation = generation.withLock { $0 }
    return Cut(
      generation: generation, records: generation.table.snapshot(), lastVersion: writer.nextVersion - 1,
      lastChange: try store.lastChange())
  }

  private func save(_ cut: Cut, closing: Bool) throws(StorageError) -> Manifest {
    var manifest = Manifest()
    manifest.rowCount = cut.records.rowCount
    manifest.tailVersions = cut.records.tailVersions
    manifest.lastVersion = cut.lastVersion
    manifest.lastChange = cut.lastChange
    try saveFullSegments(of: cut.generation, cut.records)
    manifest.blockFiles = cut.generation.segments.files.blocks
    let live = cut.records.live.segmentBytes(rowCount: cut.records.blockRows)
    manifest.live = try segments.write(Self.fileName("live")) { (write) throws(StorageError) in
      try live.withUnsafeBufferPointer { (bytes) throws(StorageError) in try write(UnsafeRawBufferPointer(bytes)) }
    }
    if let index = cut.generation.index { try saveIndex(index, cut, &manifest, closing: closing) }
    return manifest
  }

  private func saveIndex(
    _ index: HNSWIndex, _ cut: Cut, _ manifest: inout Manifest, closing: Bool
  ) throws(StorageError) {
    let rows = cut.records.rowCount
    manifest.dimension = index.dimension
    manifest.neighbors = index.parameters.m
    let full = rows / index.rowsPerChunk
    manifest.vectorFiles = Array(cut.generation.segments.files.vectors.prefix(full))
    if rows > full * index.rowsPerChunk {
      manifest.vectorFiles.append(
        try segments.write(Self.fileName("vectors")) { (write) throws(StorageError) in
          try write(index.vectorChunk(full, rows: rows))
        })
    }
    let linked = index.linkedCount
    if let graph = cut.generation.segments.files.graph,
      !(closing
        ? services.policy.savesGraphAtClose(linked: linked, saved: graph.linkedRows)
        : services.policy.savesGraph(linked: linked, saved: graph.linkedRows))
    {
      manifest.graph = graph.file
      manifest.linkedRows = graph.linkedRows
      return
    }
    manifest.linkedRows = linked
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
  private func adopt(_ manifest: Manifest, of cut: Cut, _ writer: inout Writer) throws(StorageError) {
    guard generation.withLock({ $0.table === cut.generation.table }), let store = writer.store else { return }
    guard services.lease.allowsCommit() else { throw .leaseLost(path: directory) }
    try segments.publish(manifest)
    writer.manifest = manifest
    savedRows.store(manifest.rowCount, ordering: .relaxed)
    cut.generation.segments.setGraph(of: manifest)
    try store.forgetChanges(through: manifest.lastChange)
  }
}
