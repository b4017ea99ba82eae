import Storage
import Synchronization

/// The files that hold a generation's full chunks of vectors and its record blocks, written as they fill, whether a
/// manifest names them yet or not: the next checkpoint does.
final class SavedSegments: Sendable {
  struct Files: Sendable {
    /// Of the chunks of vectors from the first one on.
    var vectors: [Manifest.File] = []
    /// Of the blocks from the first one on.
    var blocks: [Manifest.BlockFile] = []

    var blockCount: Int { blocks.reduce(0) { $0 + $1.starts.count } }
    var names: [String] { vectors.map(\.name) + blocks.map(\.file.name) }
  }

  private let state: Mutex<Files>

  init() { state = Mutex(Files()) }

  /// The files of a checkpoint that was read back.
  ///
  /// - Parameter chunkBytes: of a full chunk of vectors; the manifest's last one may be partly filled.
  init(_ manifest: Manifest, chunkBytes: Int) {
    state = Mutex(
      Files(vectors: manifest.vectorFiles.filter { $0.byteCount == chunkBytes }, blocks: manifest.blockFiles))
  }

  var files: Files { state.withLock { $0 } }

  func append(vectors file: Manifest.File) { state.withLock { $0.vectors.append(file) } }
  func append(blocks file: Manifest.BlockFile) { state.withLock { $0.blocks.append(file) } }
}
