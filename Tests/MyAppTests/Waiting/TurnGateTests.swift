import Synchronization
import Testing

@testable import myapp

@Suite("Taking turns")
struct TurnGateTests {
  /// Who works now, and how many ever did at once.
  private final class Tally: Sendable {
    private struct Counts {
      var running: [String: Int] = [:]
      var most = 0
      var mostOfOne = 0
    }
    private let counts = Mutex(Counts())

    var most: Int { counts.withLock { $0.most } }
    var mostOfOne: Int { counts.withLock { $0.mostOfOne } }

    func begin(_ name: String) {
      counts.withLock { counts in
        counts.running[name, default: 0] += 1
        counts.most = max(counts.most, counts.running.values.reduce(0, +))
        counts.mostOfOne = max(counts.mostOfOne, counts.running.values.max() ?? 0)
      }
    }

    func end(_ name: String) { counts.withLock { $0.running[name, default: 0] -= 1 } }
  }

  @Test("No more work at once than allowed, and never two of one name")
  func limits() async throws {
    let gate = TurnGate(concurrent: 2, waiting: 100)
    let tally = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<60 {
        group.addTask {
          try await gate.run("file \(number % 5)") {
            tally.begin("file \(number % 5)")
            for _ in 0..<20 { await Task.yield() }
            tally.end("file \(number % 5)")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(tally.most == 2 && tally.mostOfOne == 1)
  }

  @Test("Who comes when the queue is full is told so; who gives up leaves it; a failure gives the turn on")
  func full() async throws {
    let strict = TurnGate(concurrent: 1, waiting: 0)
    let patient = TurnGate(concurrent: 1, waiting: 1)
    _ = try await strict.run("a") {
      await #expect(throws: TurnGate.Full.self) { try await strict.run("b") {} }
    }
    _ = try await patient.run("a") {
      let waiting = Task { try await patient.run("b") {} }
      while await patient.queued == 0 { await Task.yield() }
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
    }
    struct Broken: Error {}
    await #expect(throws: Broken.self) { try await patient.run("a") { throw Broken() } }
    #expect(try await patient.run("a") { 7 } == 7)
  }
}
