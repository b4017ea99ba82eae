import ChromaEngine
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
    self.init(
      type: Engine.filesystemType(of: url.path) ?? "unknown", freeBytes: free.overflow ? nil : free.partialValue)
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
