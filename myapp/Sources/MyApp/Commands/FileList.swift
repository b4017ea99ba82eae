import Documents
import Foundation

/// The files that paths name: files as they are, folders with all below them that can be read.
struct FileList {
  struct Entry: Hashable {
    var path: String
    /// Under which the library knows it: the file's name, or its place under the folder that was named.
    var name: String
    /// The first folder below the one that was named.
    var topic: String?
  }

  struct Missing: Error, CustomStringConvertible {
    var path: String
    var description: String { "there is nothing at \(path)" }
  }

  private(set) var entries: [Entry] = []

  init(paths: [String]) throws {
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw Missing(path: path) }
      guard isFolder.boolValue else {
        entries.append(Entry(path: path, name: URL(fileURLWithPath: path).lastPathComponent))
        continue
      }
      for name in try FileManager.default.subpathsOfDirectory(atPath: path).sorted() {
        let parts = name.split(separator: "/")
        guard FileKind(fileName: name) != nil, !parts.contains(where: { $0.hasPrefix(".") }) else { continue }
        entries.append(Entry(path: path + "/" + name, name: name, topic: parts.count > 1 ? String(parts[0]) : nil))
      }
    }
  }
}
