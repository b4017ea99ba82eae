import Documents
import Foundation

/// The files that paths name: files as they are, folders with all below them that can be read.
struct FileList {
  struct Entry: Hashable {
    var path: String
    /// Under which the library knows it: the file's name, or its place in the folder that was named, with that folder.
    var name: String
    /// The first folder below the one that was named.
    var topic: String?
  }

  struct Missing: Error, CustomStringConvertible {
    var path: String
    var description: String { "there is nothing at \(path)" }
  }

  /// Two files that the library could not tell apart.
  struct Ambiguous: Error, CustomStringConvertible {
    var paths: [String]
    var description: String {
      "\(paths.joined(separator: " and ")) have one name and would replace each other: name the folders they are in, or "
        + "ingest a folder above both"
    }
  }

  private(set) var entries: [Entry] = []
  /// Files in the folders of kinds that cannot be read, and hidden ones.
  private(set) var passedOver = 0

  init(paths: [String]) throws {
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw Missing(path: path) }
      guard isFolder.boolValue else {
        entries.append(Entry(path: path, name: URL(fileURLWithPath: path).lastPathComponent))
        continue
      }
      let folder = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
      for name in try FileManager.default.subpathsOfDirectory(atPath: path).sorted() {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isDirectory),
          !isDirectory.boolValue
        else { continue }
        let parts = name.split(separator: "/")
        guard FileKind(fileName: name) != nil, !parts.contains(where: { $0.hasPrefix(".") }) else {
          passedOver += 1
          continue
        }
        entries.append(
          Entry(path: path + "/" + name, name: folder + "/" + name, topic: parts.count > 1 ? String(parts[0]) : nil))
      }
    }
    for (name, same) in Dictionary(grouping: entries, by: \.name) where same.count > 1 && !name.isEmpty {
      throw Ambiguous(paths: same.map(\.path))
    }
  }
}
