/// Makes whoever guesses wait: after some failures in a row from an address its next guess is refused for a second,
/// then two, four, up to a minute.
///
/// Pure: the caller brings the time.
struct AttemptThrottle: Sendable {
  private struct Record: Sendable {
    var failures = 0
    var blockedUntil: ContinuousClock.Instant
    var last: ContinuousClock.Instant
  }

  private var records: [String: Record] = [:]
  private let capacity: Int

  /// Failures in a row up to the first wait; `nil` for no waits at all.
  private let freeFailures: Int?

  static let longestWait = 60
  /// This long without a failure is a new start.
  static let memory = Duration.seconds(900)

  init(freeFailures: Int? = 20, capacity: Int = 10_000) {
    self.freeFailures = freeFailures
    self.capacity = capacity
  }

  /// Whole seconds until an address may guess again; `nil` when it may now.
  func wait(_ address: String, at now: ContinuousClock.Instant) -> Int? {
    guard let record = records[AddressGroup(address).text], now < record.blockedUntil else { return nil }
    return Int(((record.blockedUntil - now) / .seconds(1)).rounded(.up))
  }

  /// O(1), and O(addresses) when the table is full: then the one that failed longest ago makes room.
  mutating func failed(_ address: String, at now: ContinuousClock.Instant) {
    guard let freeFailures else { return }
    let key = AddressGroup(address).text
    if records[key] == nil, records.count >= capacity { forgetOldest() }
    var record = records[key] ?? Record(blockedUntil: now, last: now)
    if now - record.last > Self.memory { record.failures = 0 }
    record.failures += 1
    record.last = now
    let excess = record.failures - freeFailures
    if excess >= 0 { record.blockedUntil = now + .seconds(min(Self.longestWait, 1 << min(excess, 6))) }
    records[key] = record
  }

  mutating func succeeded(_ address: String) { records[AddressGroup(address).text] = nil }

  var addressCount: Int { records.count }

  private mutating func forgetOldest() {
    if let oldest = records.min(by: { $0.value.last < $1.value.last })?.key { records[oldest] = nil }
  }
}
