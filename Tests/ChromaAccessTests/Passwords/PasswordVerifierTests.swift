import ChromaTestSupport
import Testing

@testable import ChromaAccess

@Suite("The password verifier", .timeLimit(.minutes(2)))
struct PasswordVerifierTests {
  @Test("believes the right password and nothing else, with the system's libcrypt")
  func libcrypt() async throws {
    let verifier = PasswordVerifier(
      try PasswordTable(
        htpasswd: "admin:\(BcryptHashTests.admin)\nann:\(PasswordTableTests.cheap)\n"))
    try await verifier.check(user: "admin", password: "admin", address: "192.0.2.1")
    try await verifier.check(user: "ann", password: "correct horse", address: "192.0.2.1")
    for (user, password) in [("admin", "correct horse"), ("ann", "admin"), ("ben", "admin"), ("admin", ""), ("", "")] {
      await #expect(throws: AuthenticationFailure.forbidden, "\(user) \(password)") {
        try await verifier.check(user: user, password: password, address: "192.0.2.1")
      }
    }
  }

  @Test("checks one hash of the same cost, whether the password is wrong or the user is unknown")
  func equalWork() async throws {
    let rig = try VerifierRig(users: ["ann"])
    await rig.expectForbidden("ann", "wrong")
    await rig.expectForbidden("nobody", "wrong")
    // Not even the decoy's own password lets an unknown user in.
    await rig.expectForbidden("nobody", "password of ann")
    #expect(rig.costs == [4, 4, 4])
  }

  @Test("checks a right password once while it is in use, and a wrong one each time")
  func caching() async throws {
    let rig = try VerifierRig(users: ["ann"])
    try await rig.check("ann", "password of ann")
    try await rig.check("ann", "password of ann", from: "192.0.2.99")
    #expect(rig.costs.count == 1)
    rig.clock.advance(by: .seconds(299))
    try await rig.check("ann", "password of ann")
    #expect(rig.costs.count == 1)
    rig.clock.advance(by: .seconds(300))
    try await rig.check("ann", "password of ann")
    #expect(rig.costs.count == 2)
    await rig.expectForbidden("ann", "wrong")
    await rig.expectForbidden("ann", "wrong")
    #expect(rig.costs.count == 4)
  }

  @Test("makes who guesses wait without a check, and nobody else")
  func throttle() async throws {
    let rig = try VerifierRig(users: ["ann", "ben"], freeFailures: 3)
    try await rig.check("ann", "password of ann")
    for index in 0..<3 { await rig.expectForbidden("ann", "guess \(index)") }
    let checks = rig.costs.count
    // From that address not even the right password is looked at, so that a guess tells nothing.
    await rig.expectTryAgain("ben", "password of ben", seconds: 1)
    await rig.expectTryAgain("ann", "guess", seconds: 1)
    #expect(rig.costs.count == checks)
    // What has been verified from there before goes on, and so does everybody elsewhere.
    try await rig.check("ann", "password of ann")
    try await rig.check("ben", "password of ben", from: "198.51.100.7")
    rig.clock.advance(by: .seconds(1))
    await rig.expectForbidden("ann", "guess")
    await rig.expectTryAgain("ann", "guess", seconds: 2)
    rig.clock.advance(by: .seconds(2))
    let more = rig.costs.count
    try await rig.check("ben", "password of ben")
    #expect(rig.costs.count == more)
  }

  @Test("tells who has to wait nothing of users who are active elsewhere")
  func oracle() async throws {
    let rig = try VerifierRig(users: ["ann"], freeFailures: 3)
    try await rig.check("ann", "password of ann", from: "198.51.100.7")
    for index in 0..<3 { await rig.expectForbidden("ann", "guess \(index)") }
    await rig.expectTryAgain("ann", "guess", seconds: 1)
    await rig.expectTryAgain("ann", "password of ann", seconds: 1)
    try await rig.check("ann", "password of ann", from: "198.51.100.7")
  }

  @Test("counts a success as the end of a row of failures")
  func success() async throws {
    let rig = try VerifierRig(users: ["ann", "ben"], freeFailures: 3)
    await rig.expectForbidden("ann", "guess")
    await rig.expectForbidden("ann", "guess")
    try await rig.check("ben", "password of ben")
    await rig.expectForbidden("ann", "guess")
    await rig.expectForbidden("ann", "guess")
    try await rig.check("ann", "password of ann")
  }

  @Test("lets so many attempts wait and tells the next to try again; the same attempt again joins the first")
  func bounded() async throws {
    let rig = try VerifierRig(users: ["ann"], maxPending: 4)
    rig.gate.close()
    let tasks = (0..<40).map { index in Task { await rig.outcome("user \(index % 4)", "guess") } }
    await rig.untilLoad(attempts: 4, calls: 40)
    await rig.expectTryAgain("ann", "password of ann", seconds: 1)
    rig.gate.open()
    for task in tasks { #expect(await task.value == .forbidden) }
    #expect(rig.costs.count == 4)
    try await rig.check("ann", "password of ann")
  }

  @Test("checks a client's first hundred requests at once with one check")
  func herd() async throws {
    let rig = try VerifierRig(users: ["ann"], maxPending: 2)
    rig.gate.close()
    let tasks = (0..<100).map { _ in Task { await rig.outcome("ann", "password of ann") } }
    await rig.untilLoad(attempts: 1, calls: 100)
    rig.gate.open()
    for task in tasks { #expect(await task.value == nil) }
    #expect(rig.costs == [4])
  }

  @Test("never checks two at once")
  func oneAtATime() async throws {
    let rig = try VerifierRig(users: ["ann"], maxPending: 100)
    rig.gate.close()
    let tasks = (0..<100).map { index in Task { await rig.outcome("ann", "guess \(index)", from: "10.0.0.\(index)") } }
    await rig.untilLoad(attempts: 100, calls: 100)
    rig.gate.open()
    for task in tasks { #expect(await task.value == .forbidden) }
    #expect(rig.costs.count == 100)
    #expect(rig.gate.mostInside == 1)
  }

  @Test("stops checking what waits from an address once that address has guessed too often")
  func queuedGuesses() async throws {
    let rig = try VerifierRig(users: ["ann"], freeFailures: 3, maxPending: 32)
    rig.gate.close()
    let tasks = (0..<20).map { index in Task { await rig.outcome("ann", "guess \(index)") } }
    await rig.untilLoad(attempts: 20, calls: 20)
    rig.gate.open()
    var answers: [AuthenticationFailure?] = []
    for task in tasks { answers.append(await task.value) }
    #expect(answers.count { $0 == .forbidden } == 3)
    #expect(answers.count { $0 == .tryAgain(seconds: 1) } == 17)
    #expect(rig.costs.count == 3)
  }

  @Test("answers a cancelled request too, and its place is free again")
  func cancellation() async throws {
    let rig = try VerifierRig(users: ["ann"], maxPending: 3)
    rig.gate.close()
    let tasks = (0..<3).map { index in Task { await rig.outcome("ann", "guess \(index)") } }
    await rig.untilLoad(attempts: 3, calls: 3)
    for task in tasks { task.cancel() }
    rig.gate.open()
    for task in tasks { #expect(await task.value == .forbidden) }
    #expect(rig.verifier.load.attempts == 0)
    try await rig.check("ann", "password of ann")
  }

  @Test("agrees with a list of users and passwords, whatever is tried", arguments: [1, 2, 3] as [UInt64])
  func oracle(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let users = ["ann", "ben", "", "ann:", "Ann"]
    let known = ["ann": "password of ann", "ben": "password of ben"]
    let rig = try VerifierRig(users: ["ann", "ben"], freeFailures: nil)
    for _ in 0..<2_000 {
      let user = users.randomElement(using: &random) ?? ""
      let password =
        ["password of ann", "password of ben", "", "password of an", "password of ann "]
        .randomElement(using: &random) ?? ""
      rig.clock.advance(by: .seconds(Int.random(in: 0...20, using: &random)))
      let outcome = await rig.outcome(user, password)
      #expect((outcome == nil) == (known[user] == password), "seed \(seed): \(user) \(password)")
    }
  }
}
