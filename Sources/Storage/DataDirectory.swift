import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A server's directory, held exclusively until it is released.
///
///     FORMAT                     the format's number
///     LOCK                       who holds the directory
///     catalog.sqlite3            tenants, databases, collections
///     collections/<id>/          one directory a collection, made by its first write
///
/// Nothing is created or changed before the directory is known to be ours and of a format we write.
package final class DataDirectory: Sendable {
  /// Raised when an older version could no longer read what we write.
  package static let format = 1

  package let path: String
  private let lock: Mutex<Int32?>

  /// Takes the directory, making it when it is not there.
  ///
  /// - Throws: ``StorageError`` `.locked`, `.newerFormat`, `.foreignDirectory`, `.system`.
  package init(path: String) throws(StorageError) {
    self.path = path
    guard !Files.exists(path + "/chroma.sqlite3") else { throw .foreignDirectory(path: path) }
    let formatFile = path + "/FORMAT"
    let isNew = !Files.exists(formatFile)
    if !isNew {
      let text = String(decoding: try Files.read(formatFile), as: UTF8.self)
      guard let found = Int(text.prefix { $0.isNumber }) else {
        throw .damaged(path: formatFile, reason: "no format number in it")
      }
      guard found <= Self.format else { throw .newerFormat(path: path, found: found, supported: Self.format) }
    }
    try Files.makeDirectory(path)
    let descriptor = try Self.takeLock(path + "/LOCK")
    lock = Mutex(descriptor)
    do {
      try Files.makeDirectory(collectionsPath)
      if isNew { try Files.replace(formatFile, with: Array("\(Self.format)\n".utf8)) }
      try Files.syncDirectory(path)
    } catch {
      close(descriptor)
      lock.withLock { $0 = nil }
      throw error
    }
  }

  deinit { release() }

  /// Lets the next one have it. Everything in it must be closed before.
  package func release() {
    lock.withLock { descriptor in
      if let open = descriptor { close(open) }
      descriptor = nil
    }
  }

  package var catalogPath: String { path + "/catalog.sqlite3" }
  package var collectionsPath: String { path + "/collections" }

  package func collectionPath(_ id: String) -> String { "\(collectionsPath)/\(id)" }

  /// The lock goes with its holder: the kernel releases it when the process ends, however it ends.
  private static func takeLock(_ path: String) throws(StorageError) -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Files.failure("open", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isHeld = errno == EWOULDBLOCK
      let failure = Files.failure("flock", path)
      close(descriptor)
      guard isHeld else { throw failure }
      let holder = (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
      throw .locked(path: directory, holder: holder.isEmpty ? "another process" : holder)
    }
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let holder = Array("process \(getpid()) on \(host)".utf8)
    guard ftruncate(descriptor, 0) == 0,
      holder.withUnsafeBytes({ pwrite(descriptor, $0.baseAddress, $0.count, 0) }) == holder.count
    else {
      let failure = Files.failure("write", path)
      close(descriptor)
      throw failure
    }
    return descriptor
  }
}
