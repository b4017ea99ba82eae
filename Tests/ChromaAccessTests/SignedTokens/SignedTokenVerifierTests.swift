import ChromaModel
import Testing

@testable import ChromaAccess

@Suite("The verifier of signed tokens", .timeLimit(.minutes(2)))
struct SignedTokenVerifierTests {
  static let claims: JSONValue = ["sub": "ann", "role": "read", "exp": 1_900_000_000]
  let first = SigningKey.p256
  let second = SigningKey.ed25519

  private func token(_ key: SigningKey, _ id: String?, claims: JSONValue = claims) throws -> String {
    try key.token(key.algorithms[0], id: id, claims: claims)
  }

  @Test("believes a token that is signed, current and meant for us")
  func identity() async throws {
    var configuration = SignedTokenConfiguration()
    configuration.issuer = "me"
    let source = KeySource(keySet(first.json(id: "1")))
    let verifier = try await source.verifier(configuration)
    let good: JSONValue = ["sub": "ann", "role": "read", "exp": 1_800_000_100, "iss": "me"]
    #expect(
      await verifier.identity(of: try token(first, "1", claims: good))
        == Identity(userID: "ann", actions: RoleShorthand.read.actions))
    #expect(await verifier.identity(of: try token(first, "1", claims: ["sub": "ann", "exp": 1_900_000_000])) == nil)
    #expect(await verifier.identity(of: try token(first, "1", claims: ["sub": "ann", "iss": "me"])) == nil)
    #expect(await verifier.identity(of: try token(second, "1", claims: good)) == nil)
    for text in ["", "..", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] { #expect(await verifier.identity(of: text) == nil) }
    source.time = 1_800_000_159
    #expect(await verifier.identity(of: try token(first, "1", claims: good)) != nil)
    source.time = 1_800_000_160
    #expect(await verifier.identity(of: try token(first, "1", claims: good)) == nil)
  }

  @Test("does not believe a token of which any byte was changed")
  func tampering() async throws {
    let verifier = try await KeySource(keySet(first.json(id: "1"))).verifier()
    let text = try token(first, "1")
    #expect(await verifier.identity(of: text) != nil)
    let bytes = Array(text.utf8)
    for index in bytes.indices {
      for other in Set(Array("A_.=".utf8) + [bytes[index] ^ 1]) where other != bytes[index] {
        var changed = bytes
        changed[index] = other
        let bad = String(decoding: changed, as: UTF8.self)
        #expect(await verifier.identity(of: bad) == nil, "byte \(index) is \(other)")
      }
    }
  }

  @Test("does not begin without keys", arguments: [nil, "", "{\"keys\":[]}"] as [String?])
  func noKeys(text: String?) async {
    let source = KeySource("")
    source.text = text
    await #expect(throws: AccessError.self) { try await source.verifier() }
  }

  @Test("fetches the keys for a token of an unknown one, and not more often than every 30 seconds")
  func rotation() async throws {
    let source = KeySource(keySet(first.json(id: "1")))
    let verifier = try await source.verifier()
    source.text = keySet(second.json(id: "2"))
    #expect(await verifier.identity(of: try token(second, "2")) == nil)
    #expect(source.fetches == 1)
    source.time += 30
    #expect(await verifier.identity(of: try token(second, "2")) != nil)
    #expect(source.fetches == 2)
    // The first key is gone, and with it what it has signed.
    for _ in 0..<10 { #expect(await verifier.identity(of: try token(first, "1")) == nil) }
    #expect(source.fetches == 2)
    source.time += 29
    #expect(await verifier.identity(of: try token(first, "1")) == nil)
    #expect(source.fetches == 2)
    source.time += 1
    #expect(await verifier.identity(of: try token(first, "1")) == nil)
    #expect(source.fetches == 3)
  }

  @Test("keeps the old keys when it cannot fetch new ones, says so, and does not try at once again")
  func failure() async throws {
    let source = KeySource(keySet(first.json(id: "1")))
    let verifier = try await source.verifier()
    for text in [nil, "<html>", "{\"keys\":[]}"] as [String?] {
      source.text = text
      source.time += 30
      let count = source.reports.count
      #expect(await verifier.identity(of: try token(second, "2")) == nil)
      #expect(await verifier.identity(of: try token(second, "2")) == nil)
      #expect(await verifier.identity(of: try token(first, "1")) != nil)
      #expect(source.reports.count == count + 1)
      #expect(source.reports.last?.contains("the old ones stay") ?? false)
    }
    #expect(source.fetches == 4)
  }

  @Test("fetches the keys anew after ten minutes, without making anybody wait")
  func lifetime() async throws {
    let source = KeySource(keySet(first.json(id: "1")))
    let verifier = try await source.verifier()
    source.time += 600
    #expect(await verifier.identity(of: try token(first, "1")) != nil)
    #expect(source.fetches == 1)
    source.time += 1
    source.hold()
    #expect(await verifier.identity(of: try token(first, "1")) != nil)
    await source.untilFetches(2)
    #expect(await verifier.identity(of: try token(first, "1")) != nil)
    source.text = keySet(second.json(id: "2"))
    source.release()
    // Either the new keys are there, or this waits for the fetch that is under way.
    #expect(await verifier.identity(of: try token(second, "2")) != nil)
  }

  @Test("fetches once for all who wait")
  func singleFlight() async throws {
    let source = KeySource(keySet(first.json(id: "1")))
    let verifier = try await source.verifier()
    source.text = keySet(second.json(id: "2"))
    source.time += 30
    source.hold()
    let text = try token(second, "2")
    let tasks = (0..<50).map { _ in Task { await verifier.identity(of: text) } }
    await source.untilFetches(2)
    // Tokens of keys that are known do not wait.
    #expect(await verifier.identity(of: try token(first, "1")) != nil)
    source.release()
    for task in tasks { #expect(await task.value != nil) }
    #expect(source.fetches == 2)
  }

  @Test("goes on when the clock is set back")
  func clock() async throws {
    let source = KeySource(keySet(first.json(id: "1")))
    let verifier = try await source.verifier()
    source.text = keySet(second.json(id: "2"))
    source.time -= 100_000
    #expect(await verifier.identity(of: try token(second, "2")) != nil)
  }
}
