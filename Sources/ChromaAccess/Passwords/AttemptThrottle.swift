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

  /// Failures in a row before the first wait; `nil` for no waits at all.
  private let freeFailures: Int?

  static let longestWait = 60

  init(freeFailures: Int? = 20, capacity: Int = 10_000) {
    self.freeFailures = freeFailures
    self.capacity = capacity
  }

  /// Whole seconds until an address may guess again; `nil` when it may now.
  func wait(_ address: String, at now: ContinuousClock.Instant) -> Int? {
    guard let record = records[Self.group(address)], now < record.blockedUntil else { return nil }
    return max(1, Int(((record.blockedUntil - now) / .seconds(1)).rounded(.up)))
  }

  mutating func failed(_ address: String, at now: ContinuousClock.Instant) {
    guard let freeFailures else { return }
    let key = Self.group(address)
    if records[key] == nil, records.count >= capacity { forgetOldest() }
    var record = records[key] ?? Record(blockedUntil: now, last: now)
    // A quarter of an hour without a failure is a new start.
    if now - record.last > .seconds(900) { record.failures = 0 }
    record.failures += 1
    record.last = now
    let excess = record.failures - freeFailures
    if excess >= 0 { record.blockedUntil = now + .seconds(min(Self.longestWait, 1 << min(excess, 6))) }
    records[key] = record
  }

  mutating func succeeded(_ address: String) { records[Self.group(address)] = nil }

  private mutating func forgetOldest() {
    if let oldest = records.min(by: { $0.value.last < $1.value.last })?.key { records[oldest] = nil }
  }

  /// An IPv6 host has a whole /64 to choose its address from.
  static func group(_ address: String) -> String {
    guard address.contains(":") else { return address }
    let halves = address.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
    var groups = halves[0].split(separator: ":")
    if halves.count == 2 {
      let tail = halves[1].split(separator: ":").count
      groups += Array(repeating: "0", count: max(0, 8 - groups.count - tail))
    }
    return groups.prefix(4).map { $0.lowercased() }.joined(separator: ":")
  }
}
