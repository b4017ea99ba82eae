import Storage
import Synchronization

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

  func append(vectors file: Manifest.File) { state.withLock { $0.vectors.append(file) } }
  func append(blocks file: Manifest.BlockFile) { state.withLock { $0.blocks.append(file) } }
}
