/// How often and after what time a request is repeated.
///
/// What may be repeated at all is not a matter of policy: a request that was never sent, one that the server put off (429
/// and 503), and, when the connection broke with the outcome unknown, one that does no harm when it is carried out twice.
public struct RetryPolicy: Sendable, Hashable {
  /// The first time included; 1 repeats nothing.
  public var maxAttempts: Int
  /// Longest wait before the first repeat; each further one may be twice as long.
  public var baseDelay: Duration
  /// Longest wait of all, unless the server asks for more.
  public var maxDelay: Duration
  /// Longest time of a `Retry-After` that is respected; a longer one is cut.
  public var maxRetryAfter: Duration

  public init(
    maxAttempts: Int = 5, baseDelay: Duration = .milliseconds(200), maxDelay: Duration = .seconds(10),
    maxRetryAfter: Duration = .seconds(30)
  ) {
    self.maxAttempts = maxAttempts
    self.baseDelay = baseDelay
    self.maxDelay = maxDelay
    self.maxRetryAfter = maxRetryAfter
  }

  /// Never again.
  public static let none = RetryPolicy(maxAttempts: 1)

  /// The wait before the next attempt: exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter",
  /// 2015), on top of what the server asked for, so that clients that were put off together do not return together.
  ///
  /// - Parameters:
  ///   - attempt: the one that failed, from 1.
  ///   - retryAfter: what the server asked for.
  ///   - random: from 0 to 1.
  public func delay(attempt: Int, retryAfter: Duration?, random: Double) -> Duration {
    var longest = min(baseDelay, maxDelay)
    // After 64 doublings any time is beyond any limit.
    for _ in 0..<(min(max(attempt, 1), 64) - 1) where longest < maxDelay { longest = min(longest * 2, maxDelay) }
    let asked = min(max(retryAfter ?? .zero, .zero), maxRetryAfter)
    return asked + longest * (random > 0 ? min(random, 1) : 0)
  }
}
