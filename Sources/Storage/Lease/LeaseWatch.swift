/// Finds out whether the holder of a record still renews it, by looking several times.
///
/// Clocks of two machines may differ, so a record's own time says nothing; only that it changes does.
package struct LeaseWatch: Sendable {
  /// A record that stays as it is for this long was left behind: five renewals.
  static let patience: UInt64 = 10_000_000_000

  enum Verdict: Sendable, Hashable { case unknown, alive, abandoned }

  private var record: LeaseRecord?
  private var since: UInt64 = 0

  package init() {}

  /// - Parameter now: nanoseconds of a clock that only goes forward.
  mutating func look(at record: LeaseRecord, now: UInt64) -> Verdict {
    defer { if self.record != record { (self.record, since) = (record, now) } }
    guard let seen = self.record else { return .unknown }
    if seen != record { return .alive }
    return now - since >= Self.patience ? .abandoned : .unknown
  }
}
