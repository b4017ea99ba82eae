import Dispatch
import Logging
import Storage
import Synchronization
import VectorIndex

extension Collection {
  /// Saves what has become full and takes its memory back; see ``saveFullSegments(of:_:)``.
  ///
  /// - Returns: whether all of it was saved.
  func saveFullSegments(of generation: Generation) -> Bool {
    saving.withLock { _ in
      // Only while the database is open is the directory this collection's.
      let mayWrite = writer.withLock { $0.store != nil && $0.failure == nil }
      guard mayWrite, !isDeleted.load(ordering: .acquiring) else { return false }
      do {
        try saveFullSegments(of: generation, generation.table.snapshot())
        return true
      } catch {
        services.logger.warning("saving failed", metadata: ["collection": "\(id)", "error": "\(error)"])
        return false
      }
    }
  }

  /// Writes full chunks of vectors and sealed blocks to files of their own and maps those in the place of the memory
  /// that held them, so that a collection that grows takes memory for links and codes alone.
  ///
  /// The files count only once a checkpoint names them; until then they are what a crash leaves behind for the next
  /// opening to remove. With `saving` held.
  func saveFullSegments(of generation: Generation, _ records: RecordTable.Snapshot) throws(StorageError) {
    let saved = generation.segments
    if let index = generation.index {
      let kept = try saved.saveVectors(of: index, rows: records.rowCount, in: segments)
      if kept > 0 {
        services.logger.debug("vectors stay in memory", metadata: ["collection": "\(id)", "chunks": "\(kept)"])
      }
    }
    let first = saved.files.blockCount
    let blocks = try saved.saveBlocks(of: records, in: segments)
    guard !blocks.isEmpty else { return }
    // With the writer's lock held, since a write that is being published would put the old ones back.
    writer.withLock { _ in generation.table.replaceBlocks(startingAt: first, with: blocks) }
  }

  /// Random, since a name that is used again could truncate a file that is still mapped.
  static func fileName(_ kind: String) -> String {
    "\(kind)-\(String(UInt64.random(in: .min ... .max), radix: 16)).segment"
  }
}

extension Manifest.BlockFile {
  /// The blocks, where the file is mapped.
  func open(in segments: SegmentDirectory) throws(StorageError) -> [RecordBlock] {
    try open(try segments.map(file))
  }

  /// The blocks of the file, which is mapped and checked; on all cores.
  func open(_ mapped: MappedFile) throws(StorageError) -> [RecordBlock] {
    let ends = Array(starts.dropFirst()) + [file.byteCount]
    let state = Mutex((blocks: [RecordBlock?](repeating: nil, count: starts.count), failure: StorageError?.none))
    DispatchQueue.concurrentPerform(iterations: starts.count) { number in
      do throws(StorageError) {
        let bytes = UnsafeRawBufferPointer(rebasing: mapped.bytes[starts[number]..<ends[number]])
        let block = try RecordBlock(bytes: bytes, owner: mapped, path: mapped.path)
        state.withLock { $0.blocks[number] = block }
      } catch {
        state.withLock { $0.failure = error }
      }
    }
    return try state.withLock { (state) throws(StorageError) in
      if let failure = state.failure { throw failure }
      return state.blocks.compactMap(\.self)
    }
  }
}
