#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a path lies on, as the kernel tells it.
package enum Filesystem {
  /// Only one machine at a time can have these mounted, so that its locks are all there are.
  private static let local: Set<String> = [
    "ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "ramfs", "overlay", "zfs", "f2fs", "bcachefs",
  ]

  /// Whether other machines may have it mounted too. What is not known is taken for shared.
  static func isShared(_ path: String) -> Bool {
    #if canImport(Glibc)
      type(of: path).map { !local.contains($0) } ?? true
    #else
      false
    #endif
  }

  /// `ext4`, `tmpfs`, …; `nil` when the system does not say.
  ///
  /// - Parameter path: of something that exists.
  package static func type(of path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    guard let mounts = try? Files.read("/proc/self/mountinfo") else { return nil }
    return type(of: String(cString: resolved), mounts: String(decoding: mounts, as: UTF8.self))
  }

  /// The type of the filesystem that holds `path`, by the text of `/proc/self/mountinfo` (proc(5)): that of the
  /// longest mount point above it, the last mounted when there are two.
  static func type(of path: String, mounts: String) -> String? {
    var best: (length: Int, type: String)?
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let end = fields.firstIndex(of: "-"), end >= 5, end + 1 < fields.count else { continue }
      let point = fields[4].replacing("\\040", with: " ")
      guard path == point || point == "/" || path.hasPrefix(point + "/") else { continue }
      if point.utf8.count >= best?.length ?? 0 { best = (point.utf8.count, String(fields[end + 1])) }
    }
    return best?.type
  }
}
