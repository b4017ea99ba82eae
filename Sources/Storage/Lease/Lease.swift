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
  /// Whether other machines may have the filesystem mounted, so that the lock alone does not decide.
  package let isShared: Bool
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
  ///   - watch: what earlier attempts saw and did.
  ///   - whenLost: called once, on any thread, when somebody else is found to hold it.
  /// - Throws: ``StorageError`` `.locked`, `.system`, `.diskFull`.
  package init(
    path: String, isShared: Bool? = nil, watch: inout LeaseWatch, whenLost: @escaping @Sendable () -> Void = {}
  ) throws(StorageError) {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Files.failure("open", path) }
    let shared = isShared ?? Filesystem.isShared(path)
    do throws(StorageError) {
      try Self.lock(file, path)
      if shared, let left = LeaseRecord.found(Self.text(file)) {
        record = try Self.takeOver(left, file, path, &watch)
      } else {
        record = LeaseRecord(holder: Self.ownName, renewed: milliseconds())
        try Self.write(record.text, to: file, path)
      }
    } catch {
      close(file)
      throw error
    }
    self.path = path
    self.isShared = shared
    self.whenLost = whenLost
    descriptor = Mutex(file)
    proven = Atomic(uptime())
  }

  /// The record under which a file is ours in which somebody's record stands.
  private static func takeOver(
    _ left: LeaseRecord, _ file: Int32, _ path: String, _ watch: inout LeaseWatch
  ) throws(StorageError) -> LeaseRecord {
    switch watch.look(at: left, now: uptime()) {
    case .ours: return left
    case .alive: throw locked(path, holder: left.holder, isCertain: true)
    case .unknown: throw locked(path, holder: left.holder, isCertain: false)
    case .abandoned:
      let claim = LeaseRecord(holder: ownName, renewed: milliseconds())
      try write(claim.text, to: file, path)
      guard fsync(file) == 0 else { throw Files.failure("fsync", path) }
      watch.note(claim: claim, now: uptime())
      throw locked(path, holder: left.holder, isCertain: false)
    }
  }

  deinit { release() }

  /// Who holds a lease on this machine; `nil` when nobody does, or when there is no such file.
  package static func holder(of path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    guard flock(file, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    return LeaseRecord(text(file))?.holder ?? "another process"
  }

  /// Lets the next one have it at once. Everything written under it must be closed before.
  package func release() {
    descriptor.withLock { descriptor in
      guard let held = descriptor else { return }
      descriptor = nil
      defer { close(held) }
      // Opened anew: what this descriptor sees may be old where another machine has written.
      let file = isLost ? -1 : open(path, O_RDWR | O_CLOEXEC)
      guard file >= 0 else { return }
      if Self.begins(file, with: record.head) { ftruncate(file, 0) }
      close(file)
    }
  }

  /// Somebody else has it: nothing may be written any more, not even to tidy up.
  package var isLost: Bool { lost.load(ordering: .acquiring) }

  /// Whether a commit may go on. A microsecond, unless the process was asleep.
  package func allowsCommit() -> Bool {
    if isLost { return false }
    let isOurs = descriptor.withLock { $0.map { Self.begins($0, with: record.head) } }
    guard let isOurs else { return false }
    guard isOurs else {
      lose()
      return false
    }
    // Where no other machine can write, the lock decides, and it goes with this process.
    guard isShared else { return true }
    let now = uptime()
    return now - min(now, proven.load(ordering: .relaxed)) < Self.trust || renew()
  }

  /// Says that the holder is alive, and sees whether it still is the holder.
  ///
  /// - Returns: false when it is not, or when that cannot be found out.
  @discardableResult
  package func renew() -> Bool {
    if isLost { return false }
    // One at a time, and none while it is given back.
    let outcome = descriptor.withLock { held in held.map { renew(holding: $0) } ?? .unknown }
    if outcome == .lost { lose() }
    return outcome == .renewed
  }

  private enum Renewal { case renewed, lost, unknown }

  private func renew(holding held: Int32) -> Renewal {
    // Opened anew, since a network filesystem asks its server only then; and in case the name means another file now.
    var file = open(path, O_RDWR | O_CLOEXEC)
    let isOwn = file >= 0
    if !isOwn {
      switch errno {
      // Removed under us: whoever comes next finds no lock and no record.
      case ENOENT, ESTALE: return .lost
      case EMFILE, ENFILE: file = held
      default: return .unknown
      }
    }
    defer { if isOwn { close(file) } }
    guard Self.begins(file, with: record.head) else { return .lost }
    var renewed = record
    renewed.renewed = milliseconds()
    guard (try? Self.write(renewed.text, to: file, path)) != nil else { return .unknown }
    guard isShared else { return .renewed }
    guard fsync(file) == 0 else { return .unknown }
    // Whoever was asleep between looking and writing may have written over a successor's record.
    let now = uptime()
    if now - min(now, proven.load(ordering: .relaxed)) >= LeaseWatch.patience { return .lost }
    proven.store(now, ordering: .relaxed)
    return .renewed
  }

  private func lose() {
    guard !lost.exchange(true, ordering: .acquiringAndReleasing) else { return }
    whenLost()
  }

  // MARK: The file

  private static func lock(_ file: Int32, _ path: String) throws(StorageError) {
    guard flock(file, LOCK_EX | LOCK_NB) != 0 else { return }
    let failure = Files.failure("flock", path)
    guard errno == EWOULDBLOCK else { throw failure }
    throw locked(path, holder: LeaseRecord(text(file))?.holder ?? "another process", isCertain: true)
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

  private static func text(_ file: Int32) -> String { String(decoding: bytes(file, 512), as: UTF8.self) }

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
