#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A whole file, mapped read-only. Its pages can be given back by the system at any time.
///
/// Whoever keeps ``bytes`` must keep the file: use ``withBytes(_:)`` for a look in passing.
///
/// Sendable since the bytes never change: files are written once under a name that is not used again.
package final class MappedFile: @unchecked Sendable {
  package let path: String
  package let bytes: UnsafeRawBufferPointer

  package init(path: String) throws(StorageError) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Files.failure("open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Files.failure("stat", path) }
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let memory = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), memory != MAP_FAILED else {
      throw Files.failure("mmap", path)
    }
    bytes = UnsafeRawBufferPointer(start: memory, count: count)
  }

  /// Calls `body` with the bytes, which stay mapped for the length of the call.
  package func withBytes<T, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> T) throws(E) -> T {
    defer { withExtendedLifetime(self) {} }
    return try body(bytes)
  }

  deinit {
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }
}
