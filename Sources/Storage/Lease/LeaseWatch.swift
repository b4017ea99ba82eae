/// What one who wants a lease has seen of its file, looking several times.
///
/// Clocks of two machines may differ, so a record's own time says nothing; only that it changes does. Nor is a record
/// that was left behind taken at once: a claim is written over it, and counts when nobody has written over that
/// meanwhile (Fischer's rule, as Lamport 1987 tells it).
package struct LeaseWatch: Sendable {
  /// Nanoseconds after which a record that stays as it is was left behind: five renewals.
  static let patience: UInt64 = 10_000_000_000
  /// Nanoseconds a claim has to stand.
  static let settling: UInt64 = 2_000_000_000

  enum Verdict: Sendable, Hashable {
    case unknown
    /// Somebody renews it.
    case alive
    /// Nobody does.
    case abandoned
    /// The claim stands.
    case ours
  }

  private var record: LeaseRecord?
  private var since: UInt64 = 0
  private(set) var claim: LeaseRecord?

  package init() {}

  /// - Parameter now: nanoseconds of a clock that only goes forward.
  mutating func look(at record: LeaseRecord, now: UInt64) -> Verdict {
    if let claim {
      guard record == claim else {
        self.claim = nil
        return remember(record, now, .alive)
      }
      return now - since >= Self.settling ? .ours : .unknown
    }
    guard let seen = self.record else { return remember(record, now, .unknown) }
    if seen != record { return remember(record, now, .alive) }
    return now - since >= Self.patience ? .abandoned : .unknown
  }

  /// `record` has been written over one that was left behind.
  mutating func note(claim record: LeaseRecord, now: UInt64) {
    claim = record
    since = now
  }

  private mutating func remember(_ record: LeaseRecord, _ now: UInt64, _ verdict: Verdict) -> Verdict {
    self.record = record
    since = now
    return verdict
  }
}
