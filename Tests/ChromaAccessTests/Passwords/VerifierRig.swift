import Dispatch
import Synchronization
import Testing

@testable import ChromaAccess

/// A verifier whose hashing is a comparison that is counted and can be held up. The password of `ann` is `password of ann`.
final class VerifierRig: Sendable {
  let verifier: PasswordVerifier
  let clock: TestClock
  let gate: Gate
  private let log: CostLog

  /// Costs of the hashes that were checked, in order.
  var costs: [Int] { log.costs.withLock { $0 } }

  init(users: [String], freeFailures: Int? = nil, maxPending: Int = 32) throws {
    let (clock, gate, log) = (TestClock(), Gate(), CostLog())
    let table = try PasswordTable(htpasswd: users.enumerated().map(Self.line).joined(separator: "\n"))
    let owners = Dictionary(uniqueKeysWithValues: table.hashes.map { ($0.value.text, $0.key) })
    verifier = PasswordVerifier(
      table, freeFailures: freeFailures, maxPending: maxPending,
      verify: { password, hash in
        gate.pass()
        log.costs.withLock { $0.append(hash.cost) }
        return owners[hash.text].map { password == "password of \($0)" } ?? false
      },
      now: { clock.now })
    (self.clock, self.gate, self.log) = (clock, gate, log)
  }

  /// With a hash for each user, of no password in particular.
  private static func line(_ index: Int, _ user: String) -> String {
    let letter = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index % 26)))
    return "\(user):$2y$04$" + String(repeating: letter, count: 21) + "u" + String(repeating: ".", count: 31)
  }

  func check(_ user: String, _ password: String, from address: String = "192.0.2.1") async throws {
    try await verifier.check(user: user, password: password, address: address)
  }

  func outcome(
    _ user: String, _ password: String, from address: String = "192.0.2.1"
  ) async -> AuthenticationFailure? {
    do throws(AuthenticationFailure) {
      try await verifier.check(user: user, password: password, address: address)
      return nil
    } catch {
      return error
    }
  }

  func expectForbidden(_ user: String, _ password: String, at location: SourceLocation = #_sourceLocation) async {
    #expect(await outcome(user, password) == .forbidden, sourceLocation: location)
  }

  func expectTryAgain(
    _ user: String, _ password: String, seconds: Int, at location: SourceLocation = #_sourceLocation
  ) async {
    #expect(await outcome(user, password) == .tryAgain(seconds: seconds), sourceLocation: location)
  }

  /// Returns once so many attempts, of so many calls, wait behind the closed gate.
  func untilLoad(attempts: Int, calls: Int) async {
    while verifier.load != (attempts, calls) { await Task.yield() }
  }
}

private final class CostLog: Sendable {
  let costs = Mutex<[Int]>([])
}

/// A clock that stands still until it is told to go on.
final class TestClock: Sendable {
  private let instant = Mutex(ContinuousClock.now)

  var now: ContinuousClock.Instant { instant.withLock { $0 } }

  func advance(by duration: Duration) { instant.withLock { $0 += duration } }
}

/// Holds up threads while it is closed, and knows how many it saw at once.
final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let isClosed = Mutex(false)
  private let inside = Mutex((now: 0, most: 0))

  var mostInside: Int { inside.withLock { $0.most } }

  func close() { isClosed.withLock { $0 = true } }

  func open() {
    isClosed.withLock { $0 = false }
    semaphore.signal()
  }

  func pass() {
    inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
    if isClosed.withLock({ $0 }) {
      semaphore.wait()
      semaphore.signal()
    }
    inside.withLock { $0.now -= 1 }
  }
}
