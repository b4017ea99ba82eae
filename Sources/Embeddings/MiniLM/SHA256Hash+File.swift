import ChromaModel
import Foundation

extension SHA256Hash {
  /// The digest of a whole file, in lower-case hexadecimal.
  static func digest(ofFile path: String) throws(EmbeddingError) -> String {
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      var hash = SHA256Hash()
      while let part = try file.read(upToCount: 1 << 20), !part.isEmpty { part.withUnsafeBytes { hash.update($0) } }
      return hash.finish()
    } catch {
      throw .unreadable(path: path, reason: error.localizedDescription)
    }
  }
}
