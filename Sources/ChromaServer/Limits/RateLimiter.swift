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
}

/// A bucket for each user or address.
///
/// Buckets live in two generations. When the younger is full the older is dropped, so that a flood of new addresses
/// costs O(1) each;
/// who was in it and comes again begins with a full bucket.
final class RateLimiter: Sendable {
  private struct Generations {
    var young: [String: TokenBucket] = [:]
    var old: [String: TokenBucket] = [:]
  }

  private let rate: Double
  private let maxBuckets: Int
  private let generations = Mutex(Generations())
  private let start = ContinuousClock.now

  /// - Parameters:
  ///   - requestsPerSecond: > 0.
  ///   - maxBuckets: of one generation.
  init(requestsPerSecond: Int, maxBuckets: Int = 32_768) {
    rate = Double(requestsPerSecond)
    self.maxBuckets = maxBuckets
  }

  /// - Returns: `nil` when `key` may make a request now, else whole seconds until it may.
  func wait(_ key: String) -> Int? { wait(key, now: (ContinuousClock.now - start) / .seconds(1)) }

  func wait(_ key: String, now: Double) -> Int? {
    generations.withLock { generations in
      var bucket = generations.young[key] ?? generations.old[key] ?? TokenBucket(rate: rate, now: now)
      let seconds = bucket.take(rate: rate, now: now)
      if generations.young[key] == nil, generations.young.count >= maxBuckets {
        generations.old = generations.young
        generations.young = [:]
      }
      generations.young[key] = bucket
      return seconds.map { Int($0.rounded(.up)) }
    }
  }
}
