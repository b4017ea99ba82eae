/// A time that ran out.
struct DeadlineError: Error {}

/// What `work` returns, if it does so in time; else it is cancelled.
///
/// - Throws: ``DeadlineError``, and what `work` throws.
func withDeadline<Value: Sendable>(
  _ duration: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value.self) { group in
    group.addTask { try await work() }
    group.addTask {
      try await Task.sleep(for: duration)
      throw DeadlineError()
    }
    defer { group.cancelAll() }
    guard let value = try await group.next() else { throw DeadlineError() }
    return value
  }
}
