import Foundation

/// Memory this process may use: its control group's limit, or the machine's memory.
enum MemoryLimit {
  /// Three quarters of the limit, at least 128 MB: the rest is for the kernel's cache of mapped files and for peaks.
  static func standardBudget() -> Int { max(128 << 20, current() / 4 * 3) }

  /// In bytes.
  static func current() -> Int {
    let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    return min(machine, groupLimit(read: { try? String(contentsOfFile: $0, encoding: .utf8) }) ?? machine)
  }

  /// The smallest limit on the way from the process's control group to the root; `nil` where there is none
  /// (cgroups(7); version 2, and version 1 for older hosts).
  ///
  /// - Parameter read: the text of a file, `nil` when there is none.
  static func groupLimit(read: (String) -> String?) -> Int? {
    var limits: [Int] = []
    for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let (root, file): (String, String)
      if fields[0] == "0", fields[1].isEmpty {
        (root, file) = ("/sys/fs/cgroup", "memory.max")
      } else if fields[1].split(separator: ",").contains("memory") {
        (root, file) = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
      } else {
        continue
      }
      var parts = fields[2].split(separator: "/")
      while true {
        let directory = ([root] + parts.map(String.init)).joined(separator: "/")
        // "max" is no number, and version 1 writes a huge one where there is no limit.
        if let text = read(directory + "/" + file),
          let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)),
          limit < 1 << 60
        {
          limits.append(limit)
        }
        if parts.isEmpty { break }
        parts.removeLast()
      }
    }
    return limits.min()
  }
}
