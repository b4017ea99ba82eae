import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Resident bytes of this process, as the system counts them.
struct ProcessMemory: Sendable, Hashable {
  /// Memory that is nobody else's and that only swapping could take away.
  var anonymous = 0
  /// Pages of files, which the system takes back when it needs them.
  var mapped = 0

  /// All zero where the system does not say.
  static func current() -> ProcessMemory {
    #if os(Linux)
      guard let text = try? Files.read("/proc/self/statm") else { return ProcessMemory() }
      return ProcessMemory(statm: String(decoding: text, as: UTF8.self), pageBytes: Int(sysconf(Int32(_SC_PAGESIZE))))
    #else
      ProcessMemory()
    #endif
  }

  init(anonymous: Int = 0, mapped: Int = 0) {
    self.anonymous = anonymous
    self.mapped = mapped
  }

  /// - Parameter statm: pages in all, resident, resident of files, and more (proc(5)).
  init(statm: String, pageBytes: Int) {
    let fields = statm.split(separator: " ").prefix(3).compactMap { Int($0) }
    guard fields.count == 3 else { return }
    mapped = fields[2] * pageBytes
    anonymous = max(0, fields[1] - fields[2]) * pageBytes
  }
}
