import ChromaTestSupport
import Testing

@testable import ChromaModel

@Suite("JSON")
struct JSONCursorTests {
  private func float(_ text: String) throws -> Float {
    let bytes = Array(text.utf8) + [UInt8](repeating: 0, count: JSONCursor.slack)
    return try bytes.withUnsafeBufferPointer { buffer in
      var cursor = JSONCursor(try #require(buffer.baseAddress), count: text.utf8.count)
      let value = try cursor.float()
      try cursor.end()
      return value
    }
  }

  @Test("Numbers become the nearest Float32, as the standard library rounds them", arguments: [UInt64(41)])
  func floatsAreNearest(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<200_000 {
      let value = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
      guard value.isFinite else { continue }
      for text in [value.description, Double(value).description, "\(Double(value) * 1.000000059604645)"] {
        guard let expected = Float(text) else { continue }
        let found = try float(text)
        #expect(found.bitPattern == expected.bitPattern, "seed \(seed): \(text)")
      }
    }
  }

  @Test(
    "Numbers at the edges",
    arguments: [
      ("0", 0), ("-0", -0.0), ("1e39", .infinity), ("-1e39", -.infinity), ("1e-60", 0), ("16777217", 16_777_216),
      ("3.4028236e38", .infinity), ("3.4028235e38", .greatestFiniteMagnitude),
      ("0.000000000000000000000000000000000000000000001", .leastNonzeroMagnitude),
      ("123456789012345678901234567890", 1.2345679e29),
      ("1.00000005960464477539062500000000000000000000001", 1.0000001),
    ] as [(String, Float)])
  func edges(text: String, expected: Float) throws {
    #expect(try float(text).bitPattern == expected.bitPattern)
  }

  @Test(
    "What is not a number is refused",
    arguments: ["", "-", "01", "1.", ".5", "1e", "1e+", "NaN", "Infinity", "+1", "0x1", "1_0", "1e400", "--1"])
  func notNumbers(text: String) {
    #expect(throws: JSONError.self) { _ = try float(text) }
  }

  @Test("Random values come back from their text", arguments: [UInt64(42)])
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    func value(_ depth: Int) -> JSONValue {
      switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
      case 0: .null
      case 1: .bool(.random(using: &generator))
      case 2: .int(.random(in: .min ... .max, using: &generator))
      case 3: .double(Double.random(in: -1e9...1e9, using: &generator))
      case 4: .double(Double(Int.random(in: -9...9, using: &generator)))
      case 5:
        .string(
          String(
            String.UnicodeScalarView(
              (0..<8).compactMap { _ in UnicodeScalar(UInt32.random(in: 0..<0x11000, using: &generator)) })))
      case 6: .array((0..<3).map { _ in value(depth - 1) })
      default: .object(Dictionary((0..<3).map { ("k\($0)\"\\\n", value(depth - 1)) }, uniquingKeysWith: { $1 }))
      }
    }
    for _ in 0..<3_000 {
      let original = value(4)
      #expect(try JSONValue(parsing: original.text) == original, "seed \(seed): \(original.text)")
    }
  }

  @Test(
    "Text that is not JSON is refused with a reason",
    arguments: [
      "", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\x\"", "tru", "nul", "[1 2]",
      "{} {}", "\"a\nb\"", "[\u{1}]", "'a'",
    ])
  func notJSON(text: String) {
    let failure = #expect(throws: JSONError.self) { _ = try JSONValue(parsing: text) }
    #expect(failure?.reason.isEmpty == false)
  }

  @Test("Bytes that are not UTF-8 are refused")
  func notUTF8() {
    for bytes in [[0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]] as [[UInt8]] {
      #expect(throws: JSONError.self) { _ = try JSONValue(parsing: bytes) }
    }
  }

  @Test("Nesting has a limit, and it is an error")
  func nestingIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(parsing: nested(JSONCursor.maximumDepth))
    #expect(throws: JSONError.self) { _ = try JSONValue(parsing: nested(JSONCursor.maximumDepth + 1)) }
    #expect(throws: JSONError.self) { _ = try JSONValue(parsing: String(repeating: "[", count: 100_000)) }
  }

  @Test("Whole numbers and fractions stay apart")
  func numbersKeepTheirKind() throws {
    #expect(
      try JSONValue(parsing: "[2,2.0,-0,1e2,9223372036854775807,9223372036854775808]").text
        == "[2,2.0,-0.0,100.0,9223372036854775807,9.223372036854776e+18]")
  }
}
