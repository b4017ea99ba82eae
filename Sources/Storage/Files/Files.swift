#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension String {
  /// The system's words for an `errno`.
  init(errorNumber: Int32) { self = strerror(errorNumber).map { String(cString: $0) } ?? "error \(errorNumber)" }
}

/// The system calls storage makes on files, each with a typed error.
package enum Files {
  static func failure(_ operation: String, _ path: String) -> StorageError {
    errno == ENOSPC || errno == EDQUOT
      ? .diskFull(path: path) : .system(operation: operation, path: path, code: errno)
  }

  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Makes a directory, and those above it that are missing, durably: each name is synced in the directory above.
  package static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(StorageError) {
    if mkdir(path, mode) != 0 {
      if errno == EEXIST { return }
      guard errno == ENOENT, let above = directory(of: path) else { throw failure("mkdir", path) }
      try makeDirectory(above, mode: mode)
      guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("mkdir", path) }
    }
    try syncDirectory(directory(of: path) ?? ".")
  }

  /// The directory a path lies in; `nil` for a name alone.
  static func directory(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes the names in a directory durable: what was created, renamed or removed there.
  package static func syncDirectory(_ path: String) throws(StorageError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
  }

  /// Names in a directory, without `.` and `..`; none when it is not there or cannot be read.
  package static func names(in path: String) -> [String] { (try? namesThere(path)) ?? [] }

  /// Names in a directory, without `.` and `..`, or why they cannot be known.
  package static func namesThere(_ path: String) throws(StorageError) -> [String] {
    guard let directory = opendir(path) else { throw failure("opendir", path) }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else {
        guard errno == 0 else { throw failure("readdir", path) }
        return names
      }
      let name = withUnsafePointer(to: entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }

  /// Removes a file, or a directory with everything in it; nothing to remove is no error.
  package static func remove(_ path: String) throws(StorageError) {
    if unlink(path) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw failure("unlink", path) }
    for name in names(in: path) { try remove("\(path)/\(name)") }
    guard rmdir(path) == 0 || errno == ENOENT else { throw failure("rmdir", path) }
  }

  /// Reads to the end, also where the system states no size, as under /proc.
  package static func read(_ path: String) throws(StorageError) -> [UInt8] {
    var bytes: [UInt8] = []
    try readPieces(of: path, ofBytes: 1 << 16) { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Calls `body` with the file's bytes from front to back, a piece at a time; the piece is valid until it returns.
  package static func readPieces(
    of path: String, ofBytes size: Int = 1 << 20, _ body: (UnsafeRawBufferPointer) throws(StorageError) -> Void
  ) throws(StorageError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    var part = [UInt8](repeating: 0, count: size)
    while true {
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, &part, part.count)
      #else
        let count = Darwin.read(descriptor, &part, part.count)
      #endif
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("read", path) }
      if count == 0 { return }
      try part.withUnsafeBufferPointer { (bytes) throws(StorageError) in
        try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<count])))
      }
    }
  }

  /// Bytes of a file; `nil` when it is not there.
  package static func size(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Bytes that may still be written where `path` lies; `nil` when the system does not say.
  package static func freeBytes(at path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return free.overflow ? nil : Int(clamping: free.partialValue)
  }

  /// Makes a file's bytes durable that were written through another descriptor.
  package static func sync(_ path: String) throws(StorageError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
  }

  /// Puts `bytes` under `path` so that after a crash there is the old file or the new one, never a part: written
  /// beside, synced, renamed, directory synced.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(StorageError) {
    let beside = path + ".tmp"
    let file = try DurableFile(creating: beside)
    try file.write(bytes)
    try file.sync()
    guard rename(beside, path) == 0 else { throw failure("rename", path) }
    try syncDirectory(directory(of: path) ?? ".")
  }
}

/// A new file that is written from front to back, then synced.
package final class DurableFile {
  package let path: String
  private let descriptor: Int32
  package private(set) var count = 0

  package init(creating path: String, mode: mode_t = 0o644) throws(StorageError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw Files.failure("create", path) }
  }

  deinit { close(descriptor) }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
    var done = 0
    while done < bytes.count {
      guard let base = bytes.baseAddress else { break }
      #if canImport(Glibc)
        let written = Glibc.write(descriptor, base + done, bytes.count - done)
      #else
        let written = Darwin.write(descriptor, base + done, bytes.count - done)
      #endif
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw Files.failure("write", path) }
      done += written
    }
    count += bytes.count
  }

  package func write(_ bytes: [UInt8]) throws(StorageError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(StorageError) in try write(UnsafeRawBufferPointer(buffer)) }
  }

  package func sync() throws(StorageError) {
    guard fsync(descriptor) == 0 else { throw Files.failure("fsync", path) }
  }
}
