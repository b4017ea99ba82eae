import NIOCore

/// Runs tasks on an event loop's thread.
///
/// A connection's tasks run where its bytes arrive and leave: otherwise each request is handed to another thread when
/// it has come and back when it is answered, and both have to be woken.
final class EventLoopExecutor: TaskExecutor {
  private let eventLoop: any EventLoop

  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
