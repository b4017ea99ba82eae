/// Decides when a client has been too slow to be waited for any longer. Pure: told what happens and when, it says by
/// when to look again.
///
/// Times are nanoseconds of any one clock. Of a body only time in which the server asked for bytes counts: one that
/// waits because the server is busy is nobody's fault. Of a head all time counts.
struct SlowClientWatch: Sendable, Hashable {
  struct Bounds: Sendable, Hashable {
    /// Until a head, once begun, must be there.
    var head: Int64
    /// Waiting for a body that is not held against it.
    var bodyGrace: Int64
    /// Bytes a second a body must come with after that; 0 for any.
    var bodyBytesPerSecond: Int64
    /// Until a client that does not take its answer must have taken enough for the connection to be writable again.
    var stuckAnswer: Int64
  }

  private enum Phase: Sendable, Hashable {
    case idle
    case head(since: Int64)
    /// `waited`: time spent waiting for bytes; `since`: the start of the present wait.
    case body(bytes: Int64, waited: Int64, since: Int64?)
  }

  let bounds: Bounds
  private var phase = Phase.idle
  /// Since when bytes are asked for and none came.
  private var waitingSince: Int64?
  private var stuckSince: Int64?

  init(bounds: Bounds) { self.bounds = bounds }

  mutating func serverAsksForBytes(at now: Int64) {
    if waitingSince == nil { waitingSince = now }
    if case .body(let bytes, let waited, nil) = phase { phase = .body(bytes: bytes, waited: waited, since: now) }
  }

  mutating func bytesArrived(_ count: Int, at now: Int64) {
    waitingSince = nil
    switch phase {
    case .idle: phase = .head(since: now)
    case .head: break
    case .body(let bytes, let waited, let since):
      phase = .body(
        bytes: min(bytes, .max / 2) + Int64(count), waited: waited + (since.map { now - $0 } ?? 0),
        since: nil)
    }
  }

  mutating func headIsComplete(at now: Int64) {
    phase = .body(bytes: 0, waited: 0, since: waitingSince.map { _ in now })
  }

  mutating func requestIsComplete() { phase = .idle }

  mutating func answerIsStuck(at now: Int64) { if stuckSince == nil { stuckSince = now } }

  mutating func answerMoves() { stuckSince = nil }

  enum Verdict: Sendable, Hashable {
    case close
    /// Look again at that time.
    case look(at: Int64)
    case nothingToWatch
  }

  func verdict(at now: Int64) -> Verdict {
    var next: Int64?
    func watch(_ deadline: Int64) -> Bool {
      next = min(next ?? deadline, deadline)
      return now >= deadline
    }
    if let stuckSince, watch(stuckSince + bounds.stuckAnswer) { return .close }
    switch phase {
    case .idle: break
    case .head(let since): if watch(since + bounds.head) { return .close }
    case .body(let bytes, let waited, let since):
      guard bounds.bodyBytesPerSecond > 0, let since else { break }
      // No more than a year, so that nothing overflows.
      let (seconds, rest) = bytes.quotientAndRemainder(dividingBy: bounds.bodyBytesPerSecond)
      let earned = min(seconds, 31_536_000) * 1_000_000_000 + rest * 1_000_000_000 / bounds.bodyBytesPerSecond
      let allowed = bounds.bodyGrace + earned
      if watch(since + max(0, allowed - waited)) { return .close }
    }
    return next.map(Verdict.look) ?? .nothingToWatch
  }
}
