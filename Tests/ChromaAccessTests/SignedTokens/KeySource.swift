import ChromaModel
import Synchronization

@testable import ChromaAccess

/// Where a verifier under test gets its keys, its time, and an ear for its complaints.
final class KeySource: Sendable {
  struct Unreachable: Error {}

  private struct State {
    var text: String?
    var time: Double
    var fetches = 0
    var reports: [String] = []
    var waiting: [CheckedContinuation<Void, Never>] = []
    var isHeld = false
  }

  private let state: Mutex<State>

  init(_ text: String, time: Double = 1_800_000_000) { state = Mutex(State(text: text, time: time)) }

  /// `nil` for a source that cannot be reached.
  var text: String? {
    get { state.withLock { $0.text } }
    set { state.withLock { $0.text = newValue } }
  }

  /// Seconds since 1970.
  var time: Double {
    get { state.withLock { $0.time } }
    set { state.withLock { $0.time = newValue } }
  }

  var fetches: Int { state.withLock { $0.fetches } }
  var reports: [String] { state.withLock { $0.reports } }

  /// Lets fetches wait until ``release()``.
  func hold() { state.withLock { $0.isHeld = true } }

  func release() {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      state.isHeld = false
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func fetch() async throws -> String {
    await withCheckedContinuation { continuation in
      let mustWait = state.withLock { state in
        state.fetches += 1
        if state.isHeld { state.waiting.append(continuation) }
        return state.isHeld
      }
      if !mustWait { continuation.resume() }
    }
    guard let text else { throw Unreachable() }
    return text
  }

  /// Returns once so many fetches have begun.
  func untilFetches(_ count: Int) async {
    while fetches < count { await Task.yield() }
  }

  func verifier(
    _ configuration: SignedTokenConfiguration = SignedTokenConfiguration(), policy: AccessPolicy = .everything
  ) async throws -> SignedTokenVerifier {
    try await SignedTokenVerifier(
      configuration, policy: policy, fetch: { try await self.fetch() },
      report: { report in self.state.withLock { $0.reports.append(report) } }, now: { self.time })
  }
}
