import ChromaModel
import ChromaTestSupport
import Testing

@Suite("SHA-256")
struct SHA256HashTests {
  @Test("The digests of the standard's examples")
  func examples() {
    #expect(
      SHA256Hash.digest(of: Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(SHA256Hash.digest(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    let two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    #expect(
      SHA256Hash.digest(of: Array(two.utf8)) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(SHA256Hash.digest(of: million) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("The digest does not depend on the pieces the bytes come in", arguments: 0..<20 as Range<UInt64>)
  func pieces(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let bytes = (0..<Int.random(in: 0..<2_000, using: &random)).map { _ in
      UInt8.random(in: .min ... .max, using: &random)
    }
    var hash = SHA256Hash()
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + Int.random(in: 0..<200, using: &random))
      hash.update(Array(bytes[start..<end]))
      start = end
    }
    #expect(hash.finish() == SHA256Hash.digest(of: bytes), "seed \(seed)")
  }
}
