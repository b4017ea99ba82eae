import ChromaModel
import ChromaTestSupport
import Testing

@testable import ChromaServer

/// Reads `text` as a body.
func decoding<Value: Sendable>(
  _ text: String, _ read: (inout BodyReader) throws(ChromaError) -> Value
) throws -> Value {
  let bytes = Array(text.utf8)
  let padded = bytes + [UInt8](repeating: 0, count: JSONCursor.slack)
  return try padded.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { throw ChromaError.invalid("no bytes") }
    var reader = BodyReader(base, count: bytes.count)
    let value = try read(&reader)
    try reader.end()
    return value
  }
}

@Suite struct EmbeddingReaderTests {
  private func read(_ text: String, _ form: EmbeddingReader.Form = .add) throws -> EmbeddingReader {
    try decoding(text) { (reader) throws(ChromaError) in
      var vectors = EmbeddingReader()
      try vectors.read("embeddings", form, from: &reader)
      return vectors
    }
  }

  @Test("Numbers are read as the standard library reads them", arguments: 0..<300)
  func numbers(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let dimension = Int.random(in: 1...40, using: &generator)
    let rows = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
      (0..<dimension).map { _ in Self.numeral(&generator) }
    }
    let text = "[" + rows.map { "[ " + $0.joined(separator: " , ") + "]" }.joined(separator: ",\n") + "]"
    let batch = try read(text).batch()
    #expect(batch.dimension == dimension, "seed \(seed)")
    #expect(batch.slots == nil)
    #expect(batch.values.map(\.bitPattern) == rows.joined().map { (Float($0) ?? .nan).bitPattern }, "seed \(seed)")
  }

  /// A finite number in one of the spellings JSON has.
  private static func numeral(_ generator: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: return String(Int.random(in: -1000...1000, using: &generator))
    case 1:
      let value = Float(bitPattern: UInt32.random(in: .min ... .max, using: &generator))
      return value.isFinite ? value.description : "0.5"
    case 2: return Double(generator.nextGaussian()).description
    case 3:
      let (whole, fraction) = (
        Int.random(in: 0...9, using: &generator), UInt32.random(in: .min ... .max, using: &generator)
      )
      return "\(whole).\(fraction)E\(Int.random(in: -12...12, using: &generator))"
    default: return "-0.000\(UInt64.random(in: .min ... .max, using: &generator))"
    }
  }

  @Test("Nulls of an update leave holes")
  func holes() throws {
    let batch = try read("[null,[1,2],null,[3,4]]", .update).batch()
    #expect(batch.slots == [-1, 0, -1, 1])
    #expect(batch.values == [1, 2, 3, 4])
    #expect(batch.vector(3).map(Array.init) == [3, 4])
    #expect(batch.vector(0) == nil)
  }

  @Test(
    "Lists that mix forms, or hold what is no vector, fit no variant",
    arguments: [
      "[[1],\"AACAPw==\"]", "[\"AACAPw==\",[1]]", "[null]", "[1]", "[[1,null]]", "[[1,\"x\"]]", "[[[1]]]", "{}", "null",
      "\"x\"",
      "[true]", "[{}]",
    ])
  func mixed(text: String) throws {
    let error = #expect(throws: ChromaError.self) { try read(text) }
    #expect(error?.code == .unprocessable)
    #expect(
      error?.message.hasSuffix("embeddings: data did not match any variant of untagged enum EmbeddingsPayload") == true)
  }

  @Test("Escapes in base64 are resolved")
  func escaped() throws {
    #expect(try read("[\"AACAPw==\",\"\\u0041ACAPw==\"]").values == [1, 1])
    #expect(try read("[\"\\/\\/9\\/fw==\"]").values == [.greatestFiniteMagnitude])
  }

  @Test("What is not finite is remembered, not refused at once")
  func nonFinite() throws {
    #expect(try read("[[1e39]]").hasNonFinite)
    #expect(try read("[\"AADAfw==\"]").decodingProblem?.message == "Non-finite float value at embedding index 0: NaN")
    #expect(try read("[\"AACAfw==\"]").decodingProblem?.message == "Non-finite float value at embedding index 0: inf")
    #expect(try read("[\"AACA/w==\"]").decodingProblem?.message == "Non-finite float value at embedding index 0: -inf")
  }
}
