import Testing

@testable import chroma

@Suite("The memory a process may use")
struct MemoryLimitTests {
  private func limit(_ files: [String: String]) -> Int? { MemoryLimit.groupLimit { files[$0] } }

  @Test("In a container, its own limit")
  func container() {
    #expect(
      limit(["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "1476395008\n"]) == 1_476_395_008)
  }

  @Test("In nested groups, the smallest on the way to the root")
  func nested() {
    let files = [
      "/proc/self/cgroup": "0::/a.slice/b.service\n", "/sys/fs/cgroup/a.slice/b.service/memory.max": "max\n",
      "/sys/fs/cgroup/a.slice/memory.max": "2000000000\n",
    ]
    #expect(limit(files) == 2_000_000_000)
    #expect(limit(files.merging(["/sys/fs/cgroup/memory.max": "1000000000\n"]) { $1 }) == 1_000_000_000)
  }

  @Test("Version 1, whose huge number means none")
  func versionOne() {
    let groups = "12:cpu,cpuacct:/x\n5:memory:/docker/abc\n"
    let path = "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes"
    #expect(limit(["/proc/self/cgroup": groups, path: "536870912\n"]) == 536_870_912)
    #expect(limit(["/proc/self/cgroup": groups, path: "9223372036854771712\n"]) == nil)
  }

  @Test("Without groups, none")
  func none() {
    #expect(limit([:]) == nil)
    #expect(limit(["/proc/self/cgroup": "0::/\n"]) == nil)
    #expect(limit(["/proc/self/cgroup": "garbage\n:::\n"]) == nil)
    #expect(MemoryLimit.current() > 0)
  }

  @Test(
    "Bytes are written with and without a unit",
    arguments: [
      ("1048576", 1_048_576), ("512M", 536_870_912), ("2g", 2_147_483_648), ("1GiB", 1_073_741_824), ("3KB", 3072),
      ("1T", 1_099_511_627_776),
    ])
  func units(text: String, expected: Int) {
    #expect(byteCount(text) == expected)
  }

  @Test(
    "What is no number of bytes is refused", arguments: ["", "M", "1.5G", "-1", "1X", "1 G", "9999999999T", "12B3"])
  func noBytes(text: String) {
    #expect(byteCount(text) == nil)
  }
}
