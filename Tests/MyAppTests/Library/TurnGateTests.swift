import Synchronization
import Testing

@testable import myapp

@Suite("Taking turns")
struct TurnGateTests {
  @Test("No more work at once than allowed, and never two of one name")
  func limits() async throws {
    let gate = TurnGate(concurrent: 2, waiting: 100)
    let running = Mutex<[String: Int]>([:])
    let worst = Mutex((all: 0, one: 0))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<60 {
        group.addTask {
          try await gate.run("file \(number % 5)") {
            let now = running.withLock { counts in
              counts["file \(number % 5)", default: 0] += 1
              return (counts.values.reduce(0, +), counts.values.max() ?? 0)
            }
            worst.withLock { $0 = (max($0.all, now.0), max($0.one, now.1)) }
            for _ in 0..<20 { await Task.yield() }
            running.withLock { $0["file \(number % 5)", default: 0] -= 1 }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(worst.withLock { $0.all } == 2)
    #expect(worst.withLock { $0.one } == 1)
  }

  @Test("Who comes when the queue is full is told so; who gives up leaves it; a failure gives the turn on")
  func full() async throws {
    let strict = TurnGate(concurrent: 1, waiting: 0)
    let patient = TurnGate(concurrent: 1, waiting: 1)
    try await strict.run("a") {
      await #expect(throws: TurnGate.Full.self) { try await strict.run("b") {} }
    }
    _ = try await patient.run("a") {
      let waiting = Task { try await patient.run("b") {} }
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
    }
    struct Broken: Error {}
    await #expect(throws: Broken.self) { try await patient.run("a") { throw Broken() } }
    #expect(try await patient.run("a") { 7 } == 7)
  }
}
