import Testing

@testable import ChromaAccess

@Suite("A token's digest")
struct TokenDigestTests {
  @Test("is its SHA-256")
  func digest() {
    // FIPS 180-2, appendix B.1.
    let text = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(TokenDigest(of: "abc").text == text)
    #expect(TokenDigest(text) == TokenDigest(of: "abc"))
    #expect(TokenDigest(text.replacing("ba78", with: "BA78")) == TokenDigest(of: "abc"))
    #expect(TokenDigest(of: "abc") != TokenDigest(of: "abd"))
  }

  @Test(
    "is written as sha256: and 64 digits, and not otherwise",
    arguments: [
      "", "sha256:", "sha256:ba", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
      "sha256: a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ])
  func malformed(text: String) {
    #expect(TokenDigest(text) == nil)
  }

  @Test("of a random token is of 256 bits that do not repeat")
  func random() {
    let tokens = (0..<1_000).map { _ in makeRandomToken() }
    #expect(Set(tokens).count == tokens.count)
    for token in tokens {
      #expect(token.hasPrefix("chroma_") && token.utf8.count == 71)
      #expect(token.dropFirst(7).allSatisfy { "0123456789abcdef".contains($0) })
    }
    // Every digit in every place: none of them is fixed.
    for place in 7..<71 { #expect(Set(tokens.map { Array($0.utf8)[place] }).count == 16) }
  }
}
