import ChromaModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A fixed number of threads for work that blocks or computes for long, so that none of it holds up the cooperative
/// pool. Jobs run in the order they come.
///
/// Sendable since the queue is only touched with its lock held.
final class WorkerPool: @unchecked Sendable {
  typealias Job = @Sendable () -> Void

  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var jobs: [Job?] = []
  private var head = 0
  private var isStopped = false
  private var threads: [pthread_t] = []

  /// - Parameter niceness: 0 as the process; more gives way to others (Linux; elsewhere without effect).
  init(threads count: Int, niceness: Int32 = 0) {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
    for _ in 0..<count {
      let start = Start(pool: self, niceness: niceness)
      #if canImport(Glibc)
        var thread = pthread_t()
      #else
        var thread: pthread_t? = nil
      #endif
      let argument = Unmanaged.passRetained(start)
      let status = pthread_create(&thread, nil, workerMain, argument.toOpaque())
      guard status == 0 else {
        argument.release()
        continue
      }
      #if canImport(Glibc)
        threads.append(thread)
      #else
        if let thread { threads.append(thread) }
      #endif
    }
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  fileprivate final class Start {
    let pool: WorkerPool
    let niceness: Int32

    init(pool: WorkerPool, niceness: Int32) {
      self.pool = pool
      self.niceness = niceness
    }
  }

  /// A pool that was stopped runs the job at once, on the caller's thread: whoever waits for it gets an answer.
  func submit(_ job: @escaping Job) {
    pthread_mutex_lock(mutex)
    let isLate = isStopped
    if !isLate {
      jobs.append(job)
      pthread_cond_signal(condition)
    }
    pthread_mutex_unlock(mutex)
    if isLate { job() }
  }

  /// Runs `body` on one of the threads and waits for it without blocking.
  func run<T: Sendable>(_ body: @escaping @Sendable () throws(ChromaError) -> T) async throws(ChromaError) -> T {
    let result: Result<T, ChromaError> = await withCheckedContinuation { continuation in
      submit {
        do throws(ChromaError) {
          continuation.resume(returning: .success(try body()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }

  /// Lets the jobs that are waiting finish, then ends the threads and waits for them. Not from one of the threads.
  func stop() {
    pthread_mutex_lock(mutex)
    isStopped = true
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
    for thread in threads { pthread_join(thread, nil) }
  }

  fileprivate func work() {
    while true {
      pthread_mutex_lock(mutex)
      while head == jobs.count, !isStopped { pthread_cond_wait(condition, mutex) }
      guard head < jobs.count else {
        pthread_mutex_unlock(mutex)
        return
      }
      let job = jobs[head]
      // The slot must not keep what the job holds.
      jobs[head] = nil
      head += 1
      if head == jobs.count {
        jobs.removeAll(keepingCapacity: true)
        head = 0
      } else if head > 4096 {
        jobs.removeFirst(head)
        head = 0
      }
      pthread_mutex_unlock(mutex)
      job?()
    }
  }
}

#if canImport(Glibc)
  private typealias ThreadArgument = UnsafeMutableRawPointer?
#else
  private typealias ThreadArgument = UnsafeMutableRawPointer
#endif

private func workerMain(_ argument: ThreadArgument) -> UnsafeMutableRawPointer? {
  #if canImport(Glibc)
    guard let argument else { return nil }
  #endif
  let start = Unmanaged<WorkerPool.Start>.fromOpaque(argument).takeRetainedValue()
  #if canImport(Glibc)
    // On Linux a thread has a niceness of its own; 0 names the calling one.
    if start.niceness != 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, start.niceness) }
  #endif
  start.pool.work()
  return nil
}
