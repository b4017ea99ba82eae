import Testing

@testable import ChromaAccess

@Suite("The throttle on attempts")
struct AttemptThrottleTests {
  let start = ContinuousClock.now

  @Test("lets some failures pass, then waits 1, 2, 4, … up to 60 seconds")
  func backOff() {
    var throttle = AttemptThrottle(freeFailures: 5)
    var now = start
    for _ in 0..<4 {
      throttle.failed("192.0.2.1", at: now)
      #expect(throttle.wait("192.0.2.1", at: now) == nil)
    }
    for expected in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
      throttle.failed("192.0.2.1", at: now)
      #expect(throttle.wait("192.0.2.1", at: now) == expected)
      #expect(throttle.wait("192.0.2.1", at: now + .seconds(expected) - .nanoseconds(1)) == 1)
      #expect(throttle.wait("192.0.2.2", at: now) == nil)
      now += .seconds(expected)
      #expect(throttle.wait("192.0.2.1", at: now) == nil)
    }
  }

  @Test("begins anew after a success, and after a quarter of an hour without a failure")
  func reset() {
    var throttle = AttemptThrottle(freeFailures: 2)
    for _ in 0..<4 { throttle.failed("192.0.2.1", at: start) }
    #expect(throttle.wait("192.0.2.1", at: start) == 4)
    throttle.succeeded("192.0.2.1")
    #expect(throttle.wait("192.0.2.1", at: start) == nil)
    throttle.failed("192.0.2.1", at: start)
    #expect(throttle.wait("192.0.2.1", at: start) == nil)
    throttle.failed("192.0.2.1", at: start)
    #expect(throttle.wait("192.0.2.1", at: start) == 1)
    let later = start + AttemptThrottle.memory + .seconds(1)
    throttle.failed("192.0.2.1", at: later)
    #expect(throttle.wait("192.0.2.1", at: later) == nil)
  }

  @Test("can be off")
  func off() {
    var throttle = AttemptThrottle(freeFailures: nil)
    for _ in 0..<1000 { throttle.failed("192.0.2.1", at: start) }
    #expect(throttle.wait("192.0.2.1", at: start) == nil)
  }

  @Test("keeps a bounded number of addresses; the one that failed longest ago makes room")
  func bounded() {
    var throttle = AttemptThrottle(freeFailures: 1, capacity: 100)
    for index in 0..<250 { throttle.failed("10.0.0.\(index)", at: start + .milliseconds(index)) }
    let now = start + .milliseconds(250)
    #expect(throttle.addressCount == 100)
    #expect(throttle.wait("10.0.0.149", at: now) == nil)
    #expect(throttle.wait("10.0.0.150", at: now) == 1)
    #expect(throttle.wait("10.0.0.249", at: now) == 1)
  }

  @Test(
    "takes addresses of one IPv6 network of 64 bits for one, however they are written",
    arguments: [
      ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true), ("2001:db8:1:2::1", "2001:DB8:0001:2:0::7", true),
      ("2001:db8:1:2::1", "2001:db8:1:3::1", false), ("::1", "::2", true), ("::1", "1::", false),
      ("fe80::1%eth0", "fe80::2%eth1", true), ("2001:db8::1", "2001:db8:0:1::1", false),
      // A socket of both kinds reports all IPv4 clients from one network of 64 bits.
      ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false), ("::ffff:192.0.2.1", "192.0.2.1", true),
      ("::ffff:c000:201", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("unknown", "other", false),
      ("unknown", "unknown", true), ("", "", true), (":::", "::", false),
    ])
  func groups(one: String, other: String, isSame: Bool) {
    #expect((AddressGroup(one).text == AddressGroup(other).text) == isSame)
  }
}
