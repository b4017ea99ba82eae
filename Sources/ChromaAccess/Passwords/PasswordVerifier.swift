import Dispatch
import Synchronization

/// Checks passwords: one at a time, on a thread of its own, with a bounded number waiting.
package final class PasswordVerifier: Sendable {
  private struct State {
    var verified = VerifiedCredentials()
    var throttle: AttemptThrottle
    var waiting = 0
  }

  private enum Admission {
    case known
    case refused(AuthenticationFailure)
    case check
  }

  private let table: PasswordTable
  private let maxWaiting: Int
  private let verify: @Sendable (String, BcryptHash) -> Bool
  private let now: @Sendable () -> ContinuousClock.Instant
  private let queue = DispatchQueue(label: "chroma.passwords")
  private let state: Mutex<State>

  /// - Parameter freeFailures: in a row from one address, before it has to wait; `nil` never makes anybody wait.
  package convenience init(_ table: PasswordTable, freeFailures: Int? = 20) {
    self.init(table, freeFailures: freeFailures, verify: { password, hash in hash.verify(password) })
  }

  init(
    _ table: PasswordTable, freeFailures: Int? = 20, maxWaiting: Int = 32,
    verify: @escaping @Sendable (String, BcryptHash) -> Bool,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.table = table
    self.maxWaiting = maxWaiting
    self.verify = verify
    self.now = now
    state = Mutex(State(throttle: AttemptThrottle(freeFailures: freeFailures)))
  }

  /// Returns when `user` has this password.
  ///
  /// One found right lately is right at once, wherever it comes from. Everything else is a guess: it waits its turn,
  /// costs its full time whether the user exists or not, and counts against `address` when it is wrong.
  func check(user: String, password: String, address: String) async throws(AuthenticationFailure) {
    let found = table.hashes[user]
    let hash = found ?? table.decoy
    let (mark, admission) = state.withLock { state -> ([UInt8], Admission) in
      let mark = state.verified.mark(user: user, password: password, hash: hash)
      if found != nil, state.verified.contains(mark, at: now()) { return (mark, .known) }
      if let seconds = state.throttle.wait(address, at: now()) { return (mark, .refused(.tryAgain(seconds: seconds))) }
      guard state.waiting < maxWaiting else { return (mark, .refused(.tryAgain(seconds: 1))) }
      state.waiting += 1
      return (mark, .check)
    }
    switch admission {
    case .known: return
    case .refused(let failure): throw failure
    case .check: break
    }
    let matches = await withCheckedContinuation { continuation in
      queue.async { [verify] in continuation.resume(returning: verify(password, hash)) }
    }
    let isRight = matches && found != nil
    state.withLock { state in
      state.waiting -= 1
      if isRight {
        state.verified.insert(mark, at: now())
        state.throttle.succeeded(address)
      } else {
        state.throttle.failed(address, at: now())
      }
    }
    guard isRight else { throw .forbidden }
  }
}
