import Dispatch
import Synchronization

/// Checks passwords: one at a time, on a thread of its own, with a bounded number waiting.
package final class PasswordVerifier: Sendable {
  private typealias Outcome = Result<Void, AuthenticationFailure>

  /// A credential as somebody presents it.
  private struct Attempt: Sendable, Hashable {
    let mark: [UInt8]
    let address: String
  }

  private struct State {
    var verified = VerifiedCredentials()
    var throttle: AttemptThrottle
    /// Attempts that wait or are being checked, each with all who made it.
    var pending: [Attempt: [CheckedContinuation<Outcome, Never>]] = [:]
  }

  private enum Admission {
    case answer(Outcome)
    case joined
    case check(Attempt)
  }

  private let table: PasswordTable
  private let maxPending: Int
  private let verify: @Sendable (String, BcryptHash) -> Bool
  private let now: @Sendable () -> ContinuousClock.Instant
  private let queue = DispatchQueue(label: "chroma.passwords")
  private let state: Mutex<State>

  /// - Parameter freeFailures: in a row from one address, before it has to wait; `nil` never makes anybody wait.
  package convenience init(_ table: PasswordTable, freeFailures: Int? = 20) {
    self.init(table, freeFailures: freeFailures, verify: { password, hash in hash.verify(password) })
  }

  /// - Parameter maxPending: different attempts that may wait at once; beyond them one is told to try again.
  init(
    _ table: PasswordTable, freeFailures: Int? = 20, maxPending: Int = 32,
    verify: @escaping @Sendable (String, BcryptHash) -> Bool,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.table = table
    self.maxPending = maxPending
    self.verify = verify
    self.now = now
    state = Mutex(State(throttle: AttemptThrottle(freeFailures: freeFailures)))
  }

  /// Attempts that wait or are being checked, and calls that wait for them.
  var load: (attempts: Int, calls: Int) {
    state.withLock { ($0.pending.count, $0.pending.values.reduce(0) { $0 + $1.count }) }
  }

  /// Returns when `user` has this password.
  ///
  /// One found right lately is right at once; while its address has to wait, or too many do, only from where it was
  /// shown before: who guesses does not lock out the others behind the same address, and learns nothing of users
  /// elsewhere. Everything else is a guess: it waits its turn, costs its full time whether the user exists or not, and
  /// counts against `address` when it is wrong. The same attempt made many times at once, as by a client that
  /// opens many connections, is checked once.
  func check(user: String, password: String, address: String) async throws(AuthenticationFailure) {
    let found = table.hashes[user]
    let hash = found ?? table.decoy
    let outcome = await withCheckedContinuation { continuation in
      switch admit(user: user, password: password, hash: hash, address: address, continuation) {
      case .answer(let outcome): continuation.resume(returning: outcome)
      case .joined: break
      case .check(let attempt):
        queue.async { self.run(attempt, password: password, hash: hash, isUser: found != nil) }
      }
    }
    try outcome.get()
  }

  private func admit(
    user: String, password: String, hash: BcryptHash, address: String,
    _ continuation: CheckedContinuation<Outcome, Never>
  ) -> Admission {
    state.withLock { state in
      let attempt = Attempt(mark: state.verified.mark(user: user, password: password, hash: hash), address: address)
      let origin = AddressGroup(address).text
      let wait = state.throttle.wait(address, at: now())
      let mustWait = wait != nil || state.pending.count >= maxPending
      let isKnown =
        mustWait
        ? state.verified.contains(attempt.mark, from: origin, at: now())
        : state.verified.contains(attempt.mark, at: now())
      if isKnown {
        state.verified.insert(attempt.mark, from: origin, at: now())
        return .answer(.success(()))
      }
      if let wait { return .answer(.failure(.tryAgain(seconds: wait))) }
      if state.pending[attempt] != nil {
        state.pending[attempt]?.append(continuation)
        return .joined
      }
      guard state.pending.count < maxPending else { return .answer(.failure(.tryAgain(seconds: 1))) }
      state.pending[attempt] = [continuation]
      return .check(attempt)
    }
  }

  /// Checks one attempt and tells all who made it. On the queue alone.
  private func run(_ attempt: Attempt, password: String, hash: BcryptHash, isUser: Bool) {
    // Those before it may have used up what the address may guess.
    let wait = state.withLock { $0.throttle.wait(attempt.address, at: now()) }
    let isRight = wait == nil && verify(password, hash) && isUser
    let waiting = state.withLock { state in
      if isRight {
        state.verified.insert(attempt.mark, from: AddressGroup(attempt.address).text, at: now())
        state.throttle.succeeded(attempt.address)
      } else if wait == nil {
        state.throttle.failed(attempt.address, at: now())
      }
      return state.pending.removeValue(forKey: attempt) ?? []
    }
    let outcome: Outcome =
      isRight ? .success(()) : .failure(wait.map { .tryAgain(seconds: $0) } ?? .forbidden)
    for continuation in waiting { continuation.resume(returning: outcome) }
  }
}
