import ChromaTestSupport
import Foundation
import Testing

@testable import ChromaAccess

@Suite("Base64")
struct Base64Tests {
  @Test("reads what another encoder writes, with either alphabet", arguments: [1, 2, 3] as [UInt64])
  func oracle(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      let text = Data(bytes).base64EncodedString()
      let forURLs = text.replacing("+", with: "-").replacing("/", with: "_")
      #expect(base64Decoded(text.utf8) == bytes, "seed \(seed): \(text)")
      #expect(base64Decoded(forURLs.utf8, isURL: true) == bytes, "seed \(seed): \(forURLs)")
      #expect(base64Decoded(forURLs.replacing("=", with: "").utf8, isURL: true) == bytes, "seed \(seed): \(forURLs)")
    }
  }

  @Test("has one text for the same bytes, so that another text is never taken for it", arguments: [1, 2] as [UInt64])
  func canonical(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("ABCDEFGHabcdefghwxyz0189+/-_= \n".utf8)
    for _ in 0..<50_000 {
      let text = (0..<Int.random(in: 0...9, using: &random)).compactMap { _ in alphabet.randomElement(using: &random) }
      if let bytes = base64Decoded(text) {
        #expect(Data(bytes).base64EncodedString() == String(decoding: text, as: UTF8.self), "seed \(seed)")
      }
    }
  }

  @Test(
    "is nothing else",
    arguments: [
      "A", "AA", "AAA", "AA=", "AA===", "A===", "=", "AB==", "AAB=", "AA==AA==", "A A=", "AAA\n", "AA-_", "é===",
    ])
  func invalid(text: String) {
    #expect(base64Decoded(text.utf8) == nil)
  }
}
