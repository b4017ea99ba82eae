import ChromaAccess
import Foundation

/// The token a server made for itself: only its digest is kept, in the data directory.
struct OwnToken: Sendable {
  static let fileName = "access-token.sha256"

  private let path: String

  init(dataDirectory: String) { path = "\(dataDirectory)/\(Self.fileName)" }

  var exists: Bool { FileManager.default.fileExists(atPath: path) }

  /// The digest that is kept; where there is none, that of a new token.
  ///
  /// - Parameter show: gets the new token, after its digest is on stable storage.
  func loadOrMake(show: (String) -> Void) throws -> TokenDigest {
    if exists {
      guard let data = FileManager.default.contents(atPath: path) else { throw failure("read") }
      let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      guard let digest = TokenDigest(text) else {
        throw SettingsError(
          source: .file, message: "\(path) holds no token's hash: delete it, and the next start makes a new token")
      }
      return digest
    }
    let token = makeRandomToken()
    let digest = TokenDigest(of: token)
    try writeDurably(digest.text + "\n")
    show(token)
    return digest
  }

  /// Beside, synced, renamed: a crash leaves all of it or none.
  private func writeDurably(_ text: String) throws {
    let temporary = path + ".new"
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("create") }
    let bytes = Array(text.utf8)
    let isWritten = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == bytes.count && fsync(file) == 0
    close(file)
    guard isWritten, rename(temporary, path) == 0 else { throw failure("write") }
    let directory = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_CLOEXEC)
    guard directory >= 0, fsync(directory) == 0 else { throw failure("sync the directory of") }
    close(directory)
  }

  private func failure(_ verb: String) -> SettingsError {
    SettingsError(source: .file, message: "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
  }
}
