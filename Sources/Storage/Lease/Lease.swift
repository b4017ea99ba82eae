import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The right to write a data directory, held by one process at a time.
///
/// On a local filesystem an `flock` decides, which goes with its holder however it ends. On a filesystem that other
/// machines may have mounted, their kernels need not see that lock; there the file's record counts too, which the holder
/// renews every two seconds. A record that is renewed is never overridden. (The leases of Gray and Cheriton 1989, with
/// a holder that looks before each commit.)
package final class Lease: Sendable {
  /// Seconds between renewals.
  package static let renewalSeconds: Double = 2
  /// Nanoseconds after which a holder that has not renewed asks the file again before it commits: half of the time
  /// after which somebody else may take over.
  private static let trust: UInt64 = LeaseWatch.patience / 2

  package let path: String
  private let record: LeaseRecord
  private let descriptor: Mutex<Int32?>
  /// Nanoseconds of the clock at the last proof that the file is ours.
  private let proven: Atomic<UInt64>
  private let lost = Atomic<Bool>(false)
  private let whenLost: @Sendable () -> Void

  /// Takes the lease, or says who has it.
  ///
  /// - Parameters:
  ///   - isShared: whether other machines may have the filesystem mounted; `nil` asks the system.
  ///   - watch: what earlier attempts saw of the record.
  ///   - whenLost: called once, on any thread, when somebody else is found to hold it.
  /// - Throws: ``StorageError`` `.locked`, `.system`, `.diskFull`.
  package init(
    path: String, isShared: Bool? = nil, watch: inout LeaseWatch, whenLost: @escaping @Sendable () -> Void = {}
  ) throws(StorageError) {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Files.failure("open", path) }
    do throws(StorageError) {
      try Self.lock(file, path)
      if let left = Self.read(file), isShared ?? Filesystem.isShared(path) {
        switch watch.look(at: left, now: uptime()) {
        case .abandoned: break
        case .alive: throw Self.locked(path, holder: left.holder, isCertain: true)
        case .unknown: throw Self.locked(path, holder: left.holder, isCertain: false)
        }
      }
      record = LeaseRecord(holder: Self.ownName, renewed: milliseconds())
      try Self.write(record.text, to: file, path)
    } catch {
      close(file)
      throw error
    }
    self.path = path
    self.whenLost = whenLost
    descriptor = Mutex(file)
    proven = Atomic(uptime())
  }

  deinit { release() }

  /// Who holds a lease on this machine; `nil` when nobody does, or when there is no such file.
  package static func holder(of path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    guard flock(file, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    return read(file)?.holder ?? "another process"
  }

  /// Lets the next one have it at once. Everything written under it must be closed before.
  package func release() {
    descriptor.withLock { descriptor in
      guard let file = descriptor else { return }
      if !isLost, Self.read(file)?.identifier == record.identifier { ftruncate(file, 0) }
      close(file)
      descriptor = nil
    }
  }

  /// Somebody else has it: nothing may be written any more, not even to tidy up.
  package var isLost: Bool { lost.load(ordering: .acquiring) }

  /// Whether a commit may go on. A microsecond, unless the process was asleep.
  package func allowsCommit() -> Bool {
    if isLost { return false }
    let isOurs = descriptor.withLock { descriptor in
      descriptor.map { Self.begins($0, with: record.head) } ?? false
    }
    guard isOurs else {
      lose()
      return false
    }
    let now = uptime()
    return now - min(now, proven.load(ordering: .relaxed)) < Self.trust || renew()
  }

  /// Says that the holder is alive, and sees whether it still is the holder.
  ///
  /// - Returns: false when it is not, or when that cannot be found out.
  @discardableResult
  package func renew() -> Bool {
    if isLost { return false }
    let now = uptime()
    // Opened anew, since a network filesystem asks its server only then; and in case the name means another file now.
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    guard Self.begins(file, with: record.head) else {
      lose()
      return false
    }
    var renewed = record
    renewed.renewed = milliseconds()
    guard (try? Self.write(renewed.text, to: file, path)) != nil else { return false }
    proven.store(now, ordering: .relaxed)
    return true
  }

  private func lose() {
    guard descriptor.withLock({ $0 != nil }), !lost.exchange(true, ordering: .acquiringAndReleasing) else { return }
    whenLost()
  }

  // MARK: The file

  private static func lock(_ file: Int32, _ path: String) throws(StorageError) {
    guard flock(file, LOCK_EX | LOCK_NB) != 0 else { return }
    let failure = Files.failure("flock", path)
    guard errno == EWOULDBLOCK else { throw failure }
    throw locked(path, holder: read(file)?.holder ?? "another process", isCertain: true)
  }

  private static func locked(_ path: String, holder: String, isCertain: Bool) -> StorageError {
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
    return .locked(path: directory, holder: holder, isCertain: isCertain)
  }

  private static func bytes(_ file: Int32, _ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
    return Array(bytes.prefix(max(0, found)))
  }

  private static func read(_ file: Int32) -> LeaseRecord? {
    LeaseRecord(String(decoding: bytes(file, 512), as: UTF8.self))
  }

  private static func begins(_ file: Int32, with head: String) -> Bool {
    bytes(file, head.utf8.count).elementsEqual(head.utf8)
  }

  private static func write(_ text: String, to file: Int32, _ path: String) throws(StorageError) {
    let bytes = Array(text.utf8)
    guard bytes.withUnsafeBytes({ pwrite(file, $0.baseAddress, $0.count, 0) }) == bytes.count,
      ftruncate(file, off_t(bytes.count)) == 0
    else { throw Files.failure("write", path) }
  }

  private static var ownName: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "process \(getpid()) on \(host)"
  }
}

/// Nanoseconds of a clock that also counts while the machine sleeps.
private func uptime() -> UInt64 {
  var now = timespec()
  #if canImport(Glibc)
    clock_gettime(CLOCK_BOOTTIME, &now)
  #else
    clock_gettime(CLOCK_MONOTONIC, &now)
  #endif
  return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

private func milliseconds() -> UInt64 {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return UInt64(max(0, now.tv_sec)) * 1000 + UInt64(now.tv_nsec) / 1_000_000
}
