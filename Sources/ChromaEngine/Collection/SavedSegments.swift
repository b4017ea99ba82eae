import Storage
import Synchronization
import VectorIndex

/// The files that hold a generation's full chunks of vectors and its record blocks, written as they fill, whether a
/// manifest names them yet or not (the next checkpoint does), and its graph as it was saved last.
final class SavedSegments: Sendable {
  struct Files: Sendable {
    /// Of the chunks of vectors from the first one on.
    var vectors: [Manifest.File] = []
    /// Of the blocks from the first one on.
    var blocks: [Manifest.BlockFile] = []
    /// The graph as a checkpoint saved it, and the rows in it.
    var graph: (file: Manifest.File, linkedRows: Int)?

    var blockCount: Int { blocks.reduce(0) { $0 + $1.starts.count } }
    var names: [String] { vectors.map(\.name) + blocks.map(\.file.name) + (graph.map { [$0.file.name] } ?? []) }
  }

  private let state: Mutex<Files>

  init() { state = Mutex(Files()) }

  /// The files of a checkpoint that was read back.
  ///
  /// - Parameter chunkBytes: of a full chunk of vectors; the manifest's last one may be partly filled.
  init(_ manifest: Manifest, chunkBytes: Int) {
    state = Mutex(
      Files(
        vectors: manifest.vectorFiles.filter { $0.byteCount == chunkBytes }, blocks: manifest.blockFiles,
        graph: manifest.graph.map { ($0, manifest.linkedRows) }))
  }

  var files: Files { state.withLock { $0 } }

  func setGraph(of manifest: Manifest) {
    state.withLock { $0.graph = manifest.graph.map { ($0, manifest.linkedRows) } }
  }
}

extension SavedSegments {
  /// Writes chunks of vectors that are full and in no file yet to files of their own, and maps those in their place.
  ///
  /// One caller at a time. A file counts only once it was read back: one that cannot be is removed.
  ///
  /// - Returns: chunks that were written but stay in memory.
  @discardableResult
  func saveVectors(of index: HNSWIndex, rows: Int, in directory: SegmentDirectory) throws(StorageError) -> Int {
    let first = files.vectors.count
    var kept = 0
    for chunk in first..<max(first, rows / index.rowsPerChunk) {
      let file = try directory.write(Collection.fileName("vectors")) { (write) throws(StorageError) in
        try write(index.vectorChunk(chunk, rows: rows))
      }
      // What was read back is what was written, so that no reader gets other bytes than before.
      let mapped = try directory.reading(file) { (file) throws(StorageError) in try directory.map(file) }
      mapped.withBytes { bytes in
        if !index.replaceVectorChunk(chunk, with: bytes) { kept += 1 }
      }
      state.withLock { $0.vectors.append(file) }
    }
    return kept
  }

  /// Writes the blocks that are in no file yet to one file; otherwise as ``saveVectors(of:rows:in:)``.
  ///
  /// - Returns: the same blocks where the file is mapped, for the caller to put in the place of those in memory.
  func saveBlocks(
    of records: RecordTable.Snapshot, in directory: SegmentDirectory
  ) throws(StorageError) -> [RecordBlock] {
    let first = files.blockCount
    guard first < records.blocks.count else { return [] }
    var starts: [Int] = []
    let file = try directory.write(Collection.fileName("records")) { (write) throws(StorageError) in
      var start = 0
      for block in records.blocks[first...] {
        starts.append(start)
        try write(block.bytes)
        start += block.bytes.count
      }
    }
    let saved = Manifest.BlockFile(file: file, starts: starts)
    let blocks = try directory.reading(file) { (_) throws(StorageError) in try saved.open(in: directory) }
    state.withLock { $0.blocks.append(saved) }
    return blocks
  }
}

extension SegmentDirectory {
  /// Calls `body`, which reads a file that was just written, and removes the file when it throws.
  fileprivate func reading<T>(
    _ file: Manifest.File, _ body: (Manifest.File) throws(StorageError) -> T
  ) throws(StorageError) -> T {
    do throws(StorageError) {
      return try body(file)
    } catch {
      remove([file.name])
      throw error
    }
  }
}
