import Foundation

/// The documents that ship with the service: `TOPIC/name.md`.
struct Corpus: Sendable {
  struct Missing: Error, CustomStringConvertible {
    var directory: String
    var description: String {
      "no sample corpus in \(directory): set MYAPP_HOME to the directory that holds corpus/ and web/"
    }
  }

  let directory: String
  /// Relative to the directory, in order of their names.
  let files: [String]

  init(directory: String) throws {
    guard let names = try? FileManager.default.subpathsOfDirectory(atPath: directory) else {
      throw Missing(directory: directory)
    }
    self.directory = directory
    files = names.filter { $0.hasSuffix(".md") }.sorted()
    guard !files.isEmpty else { throw Missing(directory: directory) }
  }

  func read(_ file: String) throws -> IncomingFile {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + file))
    let folders = file.split(separator: "/").dropLast()
    return IncomingFile(source: file, topic: folders.first.map(String.init), bytes: [UInt8](bytes))
  }
}
