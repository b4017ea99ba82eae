import ChromaTestSupport
import Foundation
import Testing

@testable import ChromaServer

@Suite struct Base64FloatsTests {
  private func decode(_ text: String) -> (problem: Base64Floats.Problem?, values: [Float]) {
    var values: [Float] = [7]
    let problem = Array(text.utf8).withUnsafeBufferPointer { Base64Floats.decode($0, into: &values) }
    #expect(values.first == 7, "what was there before stays")
    return (problem, Array(values.dropFirst()))
  }

  @Test("Every vector comes back bit by bit", arguments: 0..<200)
  func roundTrip(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    let bits = (0..<Int.random(in: 0...67, using: &generator)).map { _ in
      UInt32.random(in: .min ... .max, using: &generator)
    }
    let data = bits.withUnsafeBytes { Data($0) }
    let (problem, values) = decode(data.base64EncodedString())
    #expect(problem == nil, "seed \(seed)")
    #expect(values.map(\.bitPattern) == bits, "seed \(seed)")
  }

  @Test("A text is accepted exactly when Foundation accepts it and its bytes are whole numbers", arguments: 0..<2000)
  func agreesWithFoundation(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    var bytes = Array(
      Data(
        (0..<Int.random(in: 1...12, using: &generator)).map { _ in
          UInt8.random(in: .min ... .max, using: &generator)
        }
      ).base64EncodedString().utf8)
    let alphabet = Array("AB+/=z!\u{7f}".utf8)
    for _ in 0..<Int.random(in: 0...2, using: &generator) {
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: bytes[index] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      case 1 where bytes.count > 1: bytes.remove(at: index)
      default: bytes.insert(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)], at: index)
      }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    // Foundation lets unused bits pass that are not zero; encoding again shows them.
    let reference = Data(base64Encoded: text).flatMap { $0.base64EncodedString() == text ? $0 : nil }
    let (problem, values) = decode(text)
    if let reference, reference.count % 4 == 0 {
      #expect(problem == nil, "seed \(seed): \(text)")
      #expect(values.withUnsafeBytes { Data($0) } == reference, "seed \(seed): \(text)")
    } else {
      #expect(problem != nil, "seed \(seed): \(text)")
      #expect(values.isEmpty, "seed \(seed): \(text)")
    }
  }

  @Test(
    "Errors name symbol and offset as Rust's base64 does",
    arguments: [
      ("!AAA", "Invalid base64 string: Invalid symbol 33, offset 0."),
      ("AACAPwA!AAA=", "Invalid base64 string: Invalid symbol 33, offset 7."),
      ("AAA", "Invalid base64 string: Invalid padding"),
      ("AACAPw", "Invalid base64 string: Invalid padding"),
      ("AACAP", "Invalid base64 string: Invalid input length: 5"),
      ("AACAP!", "Invalid base64 string: Invalid symbol 33, offset 5."),
      ("AAC=PwAA", "Invalid base64 string: Invalid symbol 61, offset 3."),
      ("AACAPx==", "Invalid base64 string: Invalid last symbol 120, offset 5."),
      ("A===", "Invalid base64 string: Invalid symbol 61, offset 1."),
      ("AACA", "Invalid byte length: 3 bytes cannot be converted to f32 values (must be divisible by 4)"),
      ("AA\u{e9}A", "Invalid base64 string: Invalid symbol 195, offset 2."),
    ])
  func errors(text: String, message: String) {
    let (problem, values) = decode(text)
    #expect(problem?.description == message)
    #expect(values.isEmpty)
  }
}
