import Foundation

/// Bytes in a file that only this user can read, in a directory of its own; gone with the value.
final class PrivateFile: Sendable {
  private let directory: String
  let path: String

  init(_ bytes: [UInt8], name: String) throws(DocumentError) {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("documents-\(UUID().uuidString)").path
    self.directory = directory
    path = directory + "/" + name
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    } catch {
      try? FileManager.default.removeItem(atPath: directory)
      throw .failed(reason: "cannot write a temporary file: \(error.localizedDescription)")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// What a program wrote beside the file, up to `limit` bytes.
  func sibling(_ name: String, limit: Int) -> String {
    guard let handle = FileHandle(forReadingAtPath: directory + "/" + name) else { return "" }
    defer { try? handle.close() }
    return String(decoding: (try? handle.read(upToCount: limit)) ?? Data(), as: UTF8.self)
  }

  func siblingPath(_ name: String) -> String { directory + "/" + name }
}
