import Foundation
import Logging

/// What the data directory lies on, as the kernel tells it.
struct FilesystemReport: Hashable, Sendable {
  /// `ext4`, `tmpfs`, …; `unknown` when the system does not say.
  var type: String
  /// `nil` when the system does not say.
  var freeBytes: UInt64?

  init(type: String, freeBytes: UInt64?) {
    self.type = type
    self.freeBytes = freeBytes
  }

  /// - Parameter path: need not exist; the nearest directory above it that does is asked.
  init(path: String) {
    var url = URL(fileURLWithPath: path)
    var info = statvfs()
    while statvfs(url.path, &info) != 0, url.pathComponents.count > 1 { url.deleteLastPathComponent() }
    let free = UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize))
    let mounts = FileManager.default.contents(atPath: "/proc/self/mountinfo").map {
      String(decoding: $0, as: UTF8.self)
    }
    self.init(
      type: mounts.flatMap { Self.type(of: url.resolvingSymlinksInPath().path, mounts: $0) } ?? "unknown",
      freeBytes: free.overflow ? nil : free.partialValue)
  }

  /// The type of the filesystem that holds `path`, by the text of `/proc/self/mountinfo` (proc(5)): that of the
  /// longest mount point above it, the last mounted when there are two.
  static func type(of path: String, mounts: String) -> String? {
    var best: (length: Int, type: String)?
    for line in mounts.split(separator: "\n") {
      let halves = line.split(separator: " - ", maxSplits: 1)
      let fields = (halves.first ?? "").split(separator: " ")
      guard halves.count == 2, fields.count >= 5, let type = halves[1].split(separator: " ").first else { continue }
      let point = fields[4].replacing("\\040", with: " ")
      guard path == point || point == "/" || path.hasPrefix(point + "/") else { continue }
      if point.utf8.count >= best?.length ?? 0 { best = (point.utf8.count, String(type)) }
    }
    return best?.type
  }

  /// Why data there may not last, or `nil`.
  var warning: String? {
    switch type {
    case "tmpfs", "ramfs": "The data directory lies in memory: it will not outlive this machine's next start"
    case "overlay": "The data directory lies in a container's own layer: it will not outlive the container"
    default: nil
    }
  }

  func log(_ path: String, to logger: Logger) {
    logger.info(
      "Data directory",
      metadata: [
        "path": "\(path)", "filesystem": "\(type)", "free-bytes": "\(freeBytes.map(String.init) ?? "unknown")",
      ])
    if let warning { logger.warning("\(warning)", metadata: ["path": "\(path)", "filesystem": "\(type)"]) }
  }
}
