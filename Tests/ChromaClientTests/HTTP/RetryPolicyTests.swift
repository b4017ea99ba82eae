import ChromaClient
import Testing

@Suite struct RetryPolicyTests {
  private let policy = RetryPolicy(
    maxAttempts: 9, baseDelay: .milliseconds(100), maxDelay: .seconds(2), maxRetryAfter: .seconds(30))

  @Test("The longest wait doubles up to its limit", arguments: [(1, 100), (2, 200), (3, 400), (5, 1600), (6, 2000)])
  func backoff(attempt: Int, milliseconds: Int) {
    #expect(policy.delay(attempt: attempt, retryAfter: nil, random: 1) == .milliseconds(milliseconds))
    #expect(policy.delay(attempt: attempt, retryAfter: nil, random: 0.5) == .milliseconds(milliseconds) / 2)
    #expect(policy.delay(attempt: attempt, retryAfter: nil, random: 0) == .zero)
  }

  @Test("What the server asks for comes first, up to a limit, and then the jitter")
  func retryAfter() {
    #expect(policy.delay(attempt: 1, retryAfter: .seconds(7), random: 0) == .seconds(7))
    #expect(policy.delay(attempt: 1, retryAfter: .seconds(7), random: 1) == .milliseconds(7100))
    #expect(policy.delay(attempt: 1, retryAfter: .seconds(3600), random: 0) == .seconds(30))
    #expect(policy.delay(attempt: 1, retryAfter: .seconds(-5), random: 0) == .zero)
  }

  @Test("Absurd attempts and draws give a wait all the same", arguments: [Int.min, -1, 0, 64, Int.max])
  func extremes(attempt: Int) {
    #expect(policy.delay(attempt: attempt, retryAfter: nil, random: 7) <= .seconds(2))
    #expect(policy.delay(attempt: attempt, retryAfter: nil, random: -1) == .zero)
    #expect(policy.delay(attempt: attempt, retryAfter: nil, random: .nan) == .zero)
  }
}
