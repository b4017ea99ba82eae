import ChromaModel
import Embeddings
import Foundation

/// Vectors of the lines of a text file, as float32 row after row in a second file.
///
/// Goes on where an earlier run was broken off: rows that the second file holds in full are not computed again.
struct EmbedFile {
  /// UTF-8, one text a line, a line feed after each.
  let texts: URL
  /// Little-endian float32, ``MiniLM/dimension`` for each text.
  let vectors: URL

  /// Texts between two writes: what a broken-off run loses.
  private static let part = 512

  /// - Throws: when a file cannot be read or written, or the model fails.
  /// - Complexity: linear in the texts; holds all texts and one part of the vectors.
  func run(_ model: MiniLM) async throws {
    let lines = try String(decoding: Data(contentsOf: texts), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    if !FileManager.default.fileExists(atPath: vectors.path) { try Data().write(to: vectors) }
    let file = try FileHandle(forUpdating: vectors)
    let width = model.dimension * MemoryLayout<Float>.size
    var done = Int(try file.seekToEnd()) / width
    try file.truncate(atOffset: UInt64(done * width))
    while done < lines.count {
      let end = min(done + Self.part, lines.count)
      let batch = try await model.embed(Array(lines[done..<end]))
      try file.write(contentsOf: batch.values.withUnsafeBytes { Data($0) })
      done = end
      FileHandle.standardError.write(Data("\(done) of \(lines.count)\n".utf8))
    }
    try file.close()
  }
}
