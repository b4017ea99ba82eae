/// Work that may take only so long.
enum Deadline {
  struct Passed: Error {
    var seconds: Double
  }

  /// - Throws: ``Passed`` when `body` has not ended in time (it is cancelled then); what `body` throws.
  static func run<Value: Sendable>(
    seconds: Double, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: .seconds(seconds))
        throw Passed(seconds: seconds)
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }
}
