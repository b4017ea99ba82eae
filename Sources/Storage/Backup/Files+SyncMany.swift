import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Files {
  /// Makes many files and directories durable, sixteen at a time: a disk does in one flush what is asked of it at once.
  ///
  /// - Parameter check: asked before each, on any thread; what it throws ends the work.
  package static func sync(
    _ paths: [String], unless check: @escaping @Sendable () throws(StorageError) -> Void = {}
  ) throws(StorageError) {
    let queue = SyncQueue(paths, check)
    var threads: [pthread_t] = []
    for _ in 0..<min(16, paths.count / 4) {
      #if canImport(Glibc)
        var thread = pthread_t()
      #else
        var thread: pthread_t? = nil
      #endif
      let argument = Unmanaged.passRetained(queue)
      guard pthread_create(&thread, nil, syncMain, argument.toOpaque()) == 0 else {
        argument.release()
        break
      }
      #if canImport(Glibc)
        threads.append(thread)
      #else
        if let thread { threads.append(thread) }
      #endif
    }
    // This thread works as well, so that all is done even if no other could be started.
    queue.work()
    for thread in threads { pthread_join(thread, nil) }
    if let failure = queue.failure.withLock({ $0 }) { throw failure }
  }
}

/// Paths that threads take turns at.
private final class SyncQueue: Sendable {
  private let paths: [String]
  private let check: @Sendable () throws(StorageError) -> Void
  private let next = Atomic<Int>(0)
  let failure = Mutex<StorageError?>(nil)

  init(_ paths: [String], _ check: @escaping @Sendable () throws(StorageError) -> Void) {
    self.paths = paths
    self.check = check
  }

  func work() {
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < paths.count else { return }
      do {
        try check()
        try Files.sync(paths[index])
      } catch {
        failure.withLock { $0 = error }
        return
      }
    }
  }
}

#if canImport(Glibc)
  private typealias ThreadArgument = UnsafeMutableRawPointer?
#else
  private typealias ThreadArgument = UnsafeMutableRawPointer
#endif

private func syncMain(_ argument: ThreadArgument) -> UnsafeMutableRawPointer? {
  #if canImport(Glibc)
    guard let argument else { return nil }
  #endif
  Unmanaged<SyncQueue>.fromOpaque(argument).takeRetainedValue().work()
  return nil
}
