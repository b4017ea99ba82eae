import Synchronization

/// Holds one task; the one before is cancelled.
final class TaskBox: Sendable {
  private let task = Mutex<Task<Void, Never>?>(nil)

  func replace(_ next: Task<Void, Never>?) {
    let previous = task.withLock { current in
      defer { current = next }
      return current
    }
    previous?.cancel()
  }

  deinit { task.withLock { $0 }?.cancel() }
}
