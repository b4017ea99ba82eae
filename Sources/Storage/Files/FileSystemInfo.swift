#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What lies under a directory, for the start-up lines.
package struct FileSystemInfo: Sendable {
  /// As the mount table calls it: `ext4`, `tmpfs`, `overlay`, …
  package var type: String
  package var freeBytes: UInt64

  /// Data here does not outlive the machine, or the container.
  package var isEphemeral: Bool { ["tmpfs", "overlay", "ramfs", "aufs"].contains(type) }

  /// - Returns: `nil` when the path does not exist.
  package init?(path: String) {
    var status = statvfs()
    guard statvfs(path, &status) == 0, let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    freeBytes = UInt64(status.f_bavail) &* UInt64(status.f_frsize)
    let mounts = (try? Files.read("/proc/self/mounts")) ?? []
    type = Self.type(of: String(cString: resolved), inMounts: String(decoding: mounts, as: UTF8.self)) ?? "unknown"
  }

  /// The type of the deepest mount point above `path`; of two on the same point the later one hides the earlier.
  static func type(of path: String, inMounts table: String) -> String? {
    var best: (depth: Int, type: String)?
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count >= 3 else { continue }
      let point = fields[1].replacing("\\040", with: " ")
      guard path == point || point == "/" || path.hasPrefix(point + "/") else { continue }
      if point.utf8.count >= best?.depth ?? 0 { best = (point.utf8.count, String(fields[2])) }
    }
    return best?.type
  }
}
