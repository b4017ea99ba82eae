import ChromaModel
import Foundation
import Testing

@Suite("Regular expressions against the Rust crate")
struct RegexGoldenTests {
  /// One line of `regexGolden`.
  struct Case: Decodable {
    var pattern: String
    var text: String?
    var matches: Bool?
    var error: String?

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      pattern = try values.decode(String.self)
      text = try values.decodeIfPresent(String.self)
      if text == nil { error = try values.decode(String.self) } else { matches = try values.decode(Bool.self) }
    }
  }

  static func cases() throws -> [Case] {
    try regexGolden.split(separator: "\n").map { try JSONDecoder().decode(Case.self, from: Data($0.utf8)) }
  }

  /// Where we differ on purpose.
  static func isOwnChoice(_ pattern: String) -> Bool {
    // Byte classes: Chroma refuses what the crate accepts.
    pattern.hasPrefix("(?-u)") && !pattern.hasSuffix("a") && !pattern.hasSuffix("41") && !pattern.hasSuffix("é")
  }

  @Test("Every recorded pattern and text gives the crate's answer")
  func answers() throws {
    var patterns: [String: RegularExpression] = [:]
    var compared = 0
    for item in try Self.cases() where item.matches != nil && !Self.isOwnChoice(item.pattern) {
      guard let text = item.text else { continue }
      let key = item.pattern
      do {
        let expression = try patterns[key] ?? RegularExpression(key)
        patterns[key] = expression
        #expect(expression.matches(text) == item.matches, "\(key.debugDescription) in \(text.debugDescription)")
        compared += 1
      } catch {
        Issue.record("\(key.debugDescription) refused: \(error)")
      }
    }
    #expect(compared > 4_000)
  }

  @Test("Every recorded refusal has the crate's words and carets")
  func refusals() throws {
    var compared = 0
    for item in try Self.cases() {
      guard let expected = item.error, !Self.isOwnChoice(item.pattern) else { continue }
      do {
        _ = try RegularExpression(item.pattern)
        Issue.record("\(item.pattern.debugDescription) accepted; the crate says \(expected)")
      } catch {
        // The crate shows no place for a pattern that is too large, and marks another node of one that is too deep.
        if expected.hasPrefix("Compiled regex exceeds") || expected.contains("exceed the maximum") {
          #expect(expected.hasSuffix(error.reason))
        } else {
          #expect(error.message == "Regex syntax errror: " + expected)
        }
      }
      compared += 1
    }
    #expect(compared > 100)
  }
}
