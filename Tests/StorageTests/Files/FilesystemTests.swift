import ChromaTestSupport
import Testing

@testable import Storage

@Suite("Filesystems")
struct FilesystemTests {
  private static let mounts = """
    22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
    30 22 0:26 / /data rw,nosuid shared:2 master:1 - tmpfs tmpfs rw
    31 30 0:27 / /data/a\\040b rw - xfs /dev/b rw
    32 22 0:28 / /data rw - overlay overlay rw
    broken line
    """

  @Test(
    "The longest mount point counts, the last of two",
    arguments: [
      ("/", "ext4"), ("/database", "ext4"), ("/data", "overlay"), ("/data/x", "overlay"), ("/data/a b/c", "xfs"),
      ("/home/x", "ext4"),
    ])
  func types(path: String, expected: String) {
    #expect(Filesystem.type(of: path, mounts: Self.mounts) == expected)
  }

  @Test("A network filesystem is shared, a temporary directory of this machine is not")
  func shared() throws {
    #expect(Filesystem.isShared("/proc"))
    let directory = try TemporaryDirectory()
    #expect(!Filesystem.isShared(directory.path))
  }
}
