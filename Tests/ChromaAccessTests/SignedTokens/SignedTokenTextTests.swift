import ChromaModel
import Testing

@testable import ChromaAccess

@Suite("A signed token's text")
struct SignedTokenTextTests {
  private func text(_ header: String, _ claims: String = "{}", signature: String = "AA") -> String {
    "\(Array(header.utf8).base64URL).\(Array(claims.utf8).base64URL).\(signature)"
  }

  @Test("is taken apart")
  func parts() throws {
    let text = text("{\"alg\":\"ES256\",\"kid\":\"k\"}", "{\"sub\":\"ann\",\"n\":[1,{\"a\":2.5}]}", signature: "AAEC")
    let token = try #require(SignedTokenText(text))
    #expect(token.algorithm == "ES256")
    #expect(token.keyID == "k")
    #expect(token.claims == ["sub": "ann", "n": [1, ["a": 2.5]]])
    #expect(token.signature == [0, 1, 2])
    #expect(token.signed == Array(text.utf8.dropLast(5)))
    #expect(try #require(SignedTokenText(self.text("{\"alg\":\"ES256\"}"))).keyID == nil)
  }

  @Test(
    "names an algorithm with a public key, and no other",
    arguments: [
      "none", "None", "NONE", "", "HS256", "HS384", "HS512", "rs256", "ES256K", "RSA", "RS256 ", "EDDSA", "dir",
      "A128KW",
    ])
  func algorithms(name: String) {
    #expect(SignedTokenText(text("{\"alg\":\"\(name)\"}")) == nil)
  }

  @Test("may not need what is not known here, and must be whole")
  func malformed() {
    let good = "{\"alg\":\"ES256\"}"
    #expect(SignedTokenText(text(good)) != nil)
    for header in [
      "{}", "[]", "\"ES256\"", "null", "", "{\"alg\":[\"ES256\"]}", "{\"alg\":null}", "{\"alg\":\"ES256\"",
      "{\"alg\":\"ES256\",\"crit\":[\"b64\"]}", "{\"alg\":\"ES256\",\"crit\":[]}", "{\"alg\":\"ES256\",\"kid\":7}",
      "{\"alg\":\"ES256\",\"kid\":null}", good + "x",
    ] {
      #expect(SignedTokenText(text(header)) == nil, "\(header)")
    }
    for claims in ["", "[]", "\"a\"", "7", "{", "{\"a\":1}x"] {
      #expect(SignedTokenText(text(good, claims)) == nil, "\(claims)")
    }
    for signature in ["", "A", "AB", "AA==A", "A!", "AA=", " AA", "AA\n"] {
      #expect(SignedTokenText(text(good, signature: signature)) == nil, "\(signature)")
    }
    let whole = text(good)
    for bad in ["", ".", "..", "...", whole + ".", "." + whole, whole.replacing(".", with: ""), whole + ".AA"] {
      #expect(SignedTokenText(bad) == nil, "\(bad)")
    }
    // Not UTF-8.
    let bytes: [UInt8] = Array("{\"a\":\"".utf8) + [0xff] + Array("\"}".utf8)
    #expect(SignedTokenText("\(Array(good.utf8).base64URL).\(bytes.base64URL).AA") == nil)
  }

  @Test("is refused unread beyond 16 KB, and nested beyond reason")
  func size() {
    let frame = text("{\"alg\":\"ES256\"}", "{\"a\":\"\"}").utf8.count
    let room = (SignedTokenText.maxBytes - frame) / 4 * 3 - 3
    let fits = text("{\"alg\":\"ES256\"}", "{\"a\":\"" + String(repeating: "x", count: room) + "\"}")
    #expect(fits.utf8.count <= SignedTokenText.maxBytes && SignedTokenText(fits) != nil)
    let long = text("{\"alg\":\"ES256\"}", "{\"a\":\"" + String(repeating: "x", count: room + 12) + "\"}")
    #expect(long.utf8.count > SignedTokenText.maxBytes && SignedTokenText(long) == nil)
    let deep = "{\"a\":" + String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000) + "}"
    #expect(SignedTokenText(text("{\"alg\":\"ES256\"}", deep)) == nil)
  }

  @Test("has two dots, which a look tells")
  func looks() {
    #expect(SignedTokenText.resembles("a.b.c") && SignedTokenText.resembles(".."))
    #expect(
      !SignedTokenText.resembles("a.b") && !SignedTokenText.resembles("a.b.c.d") && !SignedTokenText.resembles(""))
  }
}
