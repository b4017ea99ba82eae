/// Who may work now: a few at a time, and never two under one name (two uploads of one file would mix their passages).
actor TurnGate {
  struct Full: Error {}

  private let concurrent: Int
  private let waiting: Int
  private var running: Set<String> = []
  private var queue: [(number: Int, name: String, continuation: CheckedContinuation<Void, any Error>)] = []
  private var nextNumber = 0

  /// - Parameters: most at once, and most that wait for their turn.
  init(concurrent: Int, waiting: Int) {
    self.concurrent = concurrent
    self.waiting = waiting
  }

  /// Who waits now.
  var queued: Int { queue.count }

  /// Runs `body` when it is the name's turn.
  ///
  /// - Throws: ``Full`` when too many wait already; `CancellationError`; what `body` throws.
  nonisolated func run<Value: Sendable>(
    _ name: String, _ body: () async throws -> Value
  ) async throws -> Value {
    try await enter(name)
    do {
      let value = try await body()
      await leave(name)
      return value
    } catch {
      await leave(name)
      throw error
    }
  }

  private func enter(_ name: String) async throws {
    if running.count < concurrent, !running.contains(name), queue.isEmpty {
      running.insert(name)
      return
    }
    guard queue.count < waiting else { throw Full() }
    let number = nextNumber
    nextNumber += 1
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        if Task.isCancelled {
          continuation.resume(throwing: CancellationError())
        } else {
          queue.append((number, name, continuation))
          admit()
        }
      }
    } onCancel: {
      Task { await self.giveUp(number) }
    }
  }

  private func leave(_ name: String) {
    running.remove(name)
    admit()
  }

  private func giveUp(_ number: Int) {
    guard let place = queue.firstIndex(where: { $0.number == number }) else { return }
    queue.remove(at: place).continuation.resume(throwing: CancellationError())
  }

  private func admit() {
    while running.count < concurrent, let place = queue.firstIndex(where: { !running.contains($0.name) }) {
      let next = queue.remove(at: place)
      running.insert(next.name)
      next.continuation.resume()
    }
  }
}
