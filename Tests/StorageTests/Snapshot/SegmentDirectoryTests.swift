import ChromaTestSupport
import Testing

@testable import Storage

@Suite("Segment files")
struct SegmentDirectoryTests {
  @Test("A file that could not be written to its end is gone")
  func halfWritten() throws {
    let directory = try TemporaryDirectory()
    let segments = SegmentDirectory(path: directory.path + "/snapshot")
    let full = StorageError.system(operation: "write", path: "", code: 28)
    #expect(throws: StorageError.self) {
      _ = try segments.write("half") { (write) throws(StorageError) in
        try [UInt8](repeating: 7, count: 100).withUnsafeBufferPointer { (bytes) throws(StorageError) in
          try write(UnsafeRawBufferPointer(bytes))
        }
        throw full
      }
    }
    #expect(Files.names(in: segments.path).isEmpty)
  }
}
