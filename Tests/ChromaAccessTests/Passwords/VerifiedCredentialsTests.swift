import Testing

@testable import ChromaAccess

@Suite("Verified credentials")
struct VerifiedCredentialsTests {
  let start = ContinuousClock.now
  let hash: BcryptHash

  init() throws { hash = try BcryptHash(BcryptHashTests.admin) }

  @Test("are known for their lifetime and not a moment longer")
  func lifetime() {
    var credentials = VerifiedCredentials(lifetime: .seconds(300))
    let mark = credentials.mark(user: "ann", password: "secret", hash: hash)
    #expect(!credentials.contains(mark, at: start))
    credentials.insert(mark, from: "a", at: start)
    #expect(credentials.contains(mark, at: start + .seconds(299)))
    #expect(!credentials.contains(mark, at: start + .seconds(300)))
  }

  @Test("have marks that tell user, password and hash apart, wherever one ends and the next begins")
  func marks() throws {
    let credentials = VerifiedCredentials()
    let other = try BcryptHash(PasswordTableTests.cheap)
    let pairs = [("ann", "secret"), ("anns", "ecret"), ("", "annsecret"), ("ann", "secret "), ("1 ann", "secret")]
    let marks = pairs.flatMap { user, password in
      [hash, other].map { credentials.mark(user: user, password: password, hash: $0) }
    }
    #expect(Set(marks).count == pairs.count * 2)
    #expect(marks.first == credentials.mark(user: "ann", password: "secret", hash: hash))
    // Another process, another key.
    #expect(marks.first != VerifiedCredentials().mark(user: "ann", password: "secret", hash: hash))
  }

  @Test("are known by where they were shown from, and live on while they are shown")
  func origins() {
    var credentials = VerifiedCredentials(lifetime: .seconds(300))
    let mark = credentials.mark(user: "ann", password: "secret", hash: hash)
    credentials.insert(mark, from: "a", at: start)
    #expect(credentials.contains(mark, from: "a", at: start))
    #expect(!credentials.contains(mark, from: "b", at: start))
    credentials.insert(mark, from: "b", at: start + .seconds(200))
    #expect(credentials.contains(mark, from: "a", at: start + .seconds(499)))
    #expect(credentials.contains(mark, from: "b", at: start + .seconds(499)))
    #expect(!credentials.contains(mark, from: "b", at: start + .seconds(500)))
  }

  @Test("are the same for passwords that bcrypt cannot tell apart")
  func longPasswords() {
    let credentials = VerifiedCredentials()
    let long = String(repeating: "x", count: 72)
    let marks = ["a", "b"].map { credentials.mark(user: "ann", password: long + $0, hash: hash) }
    #expect(marks[0] == marks[1])
    #expect(marks[0] != credentials.mark(user: "ann", password: String(long.dropLast()), hash: hash))
  }

  @Test("are bounded: what has expired makes room, else the oldest")
  func bounded() {
    var credentials = VerifiedCredentials(capacity: 3, lifetime: .seconds(10))
    let marks = (0..<5).map { credentials.mark(user: "\($0)", password: "", hash: hash) }
    for index in 0..<3 { credentials.insert(marks[index], from: "a", at: start + .seconds(index)) }
    credentials.insert(marks[2], from: "a", at: start + .seconds(3))
    #expect(credentials.contains(marks[0], at: start + .seconds(3)))
    credentials.insert(marks[3], from: "a", at: start + .seconds(4))
    #expect(!credentials.contains(marks[0], at: start + .seconds(4)))
    #expect(credentials.contains(marks[1], at: start + .seconds(4)))
    // By now only the mark of second four is of any age.
    credentials.insert(marks[4], from: "a", at: start + .seconds(13))
    #expect(credentials.contains(marks[3], at: start + .seconds(13)))
    #expect(credentials.contains(marks[4], at: start + .seconds(13)))
  }
}
