import Synchronization

/// A token bucket: `rate` requests a second on average, as many at once after a pause.
struct TokenBucket: Sendable, Hashable {
  /// Requests that may be made now.
  private(set) var tokens: Double
  /// Seconds.
  private(set) var updated: Double

  init(rate: Double, now: Double) {
    tokens = max(rate, 1)
    updated = now
  }

  /// Takes one request.
  ///
  /// - Returns: `nil` when it may be made, else seconds until one may.
  mutating func take(rate: Double, now: Double) -> Double? {
    tokens = min(max(rate, 1), tokens + max(0, now - updated) * rate)
    updated = max(updated, now)
    guard tokens >= 1 else { return (1 - tokens) / rate }
    tokens -= 1
    return nil
  }

  func isFull(rate: Double, now: Double) -> Bool { tokens + (now - updated) * rate >= max(rate, 1) }
}

/// A bucket for each user or address.
final class RateLimiter: Sendable {
  private let rate: Double
  private let maxBuckets: Int
  private let buckets = Mutex<[String: TokenBucket]>([:])
  private let start = ContinuousClock.now

  /// - Parameters:
  ///   - requestsPerSecond: > 0.
  ///   - maxBuckets: who has not asked for a while is forgotten beyond these; then whoever comes next.
  init(requestsPerSecond: Int, maxBuckets: Int = 65_536) {
    rate = Double(requestsPerSecond)
    self.maxBuckets = maxBuckets
  }

  /// - Returns: `nil` when `key` may make a request now, else whole seconds until it may.
  func wait(_ key: String) -> Int? { wait(key, now: (ContinuousClock.now - start) / .seconds(1)) }

  func wait(_ key: String, now: Double) -> Int? {
    buckets.withLock { buckets in
      if buckets[key] == nil, buckets.count >= maxBuckets {
        buckets = buckets.filter { !$0.value.isFull(rate: rate, now: now) }
        if buckets.count >= maxBuckets, let victim = buckets.keys.first { buckets[victim] = nil }
      }
      let seconds = buckets[key, default: TokenBucket(rate: rate, now: now)].take(rate: rate, now: now)
      return seconds.map { Int($0.rounded(.up)) }
    }
  }
}
