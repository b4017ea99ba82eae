import ChromaModel
import Testing

@Suite("Regular expressions")
struct RegularExpressionTests {
  static func refusal(_ pattern: String) -> RegularExpressionError? {
    do {
      _ = try RegularExpression(pattern)
      return nil
    } catch {
      return error
    }
  }

  @Test("A refusal shows the pattern, a caret under the place, and the reason")
  func message() {
    #expect(
      Self.refusal("ab(c")?.message
        == "Regex syntax errror: regex parse error:\n    ab(c\n      ^\nerror: unclosed group")
    #expect(Self.refusal("(?-u)\\w")?.message == "Byte pattern is not allowed")
    #expect(Self.refusal("(?-u)(?i)k")?.message == "Byte pattern is not allowed")
    #expect(Self.refusal("(?-u)[[:alpha:]]")?.message == "Byte pattern is not allowed")
  }

  @Test("A pattern that compiles to more than 10 MB is refused, at once, however it is written")
  func sizeLimit() throws {
    #expect(Self.refusal("\\w{100}") == nil)
    let clock = ContinuousClock()
    let large = [
      "\\w{1000}", "(?:(?:(?:(?:a{1000}){1000}){1000}){1000}){1000}", "a{4294967295}", "[^\\s\\S]{4294967295}",
      "(?:a?){4000000000}", String(repeating: "a", count: 1_000_000), String(repeating: "\\pL", count: 300_000),
      String(repeating: "[\\w]", count: 200_000), "[" + String(repeating: "[\\w]", count: 200_000) + "]",
      "[" + String(repeating: "\\W&&", count: 200_000) + "]",
      String(repeating: "(?i)", count: 100_000) + "\\w{1000}", String(repeating: "a|", count: 500_000),
    ]
    for pattern in large {
      let elapsed = clock.measure {
        let error = Self.refusal(pattern)
        #expect(
          error?.reason.hasPrefix("Compiled regex exceeds size limit") == true
            || error?.reason.hasPrefix("exceed the maximum number of nested") == true, "\(pattern.prefix(40))")
        #expect(error?.message.hasPrefix("Regex syntax errror: regex parse error:\n    ") == true)
      }
      #expect(elapsed < .seconds(5), "\(pattern.prefix(40)) took \(elapsed)")
    }
  }

  @Test("Megabyte patterns of every shape are read in linear time")
  func longPatterns() {
    let clock = ContinuousClock()
    for part in [
      "(", ")", "[", "a*", "*", "{", "a{2}", "[a", "(?i", "\\", "(?x) ", "[[:alpha:]", "\n", "a|(", "(?P<a>", "[^]",
      "\\x{", "é(", "(?x)[a -", "&&", "[a&&",
    ] {
      let pattern = String(repeating: part, count: 1_000_000 / part.utf8.count)
      let elapsed = clock.measure { _ = Self.refusal(pattern) }
      #expect(elapsed < .seconds(5), "\(part) took \(elapsed)")
    }
    // Nothing to match, so no limit is reached: repeating the empty string costs nothing.
    #expect(Self.refusal("(?:(?:(?:){1000000000}){1000000000}|\\b){1000000000}") == nil)
  }

  @Test(
    "Patterns that make backtracking explode search 100 KB in well under a second",
    arguments: [
      "(a*)*b", "(a|a)*c", "(.*){50}x", "(a+)+$b", "(?:a?){50}a{50}b", "(\\w+\\s?)*!", "a.{30}b", "(\\b\\w*)*;",
    ])
  func pathological(pattern: String) throws {
    let expression = try RegularExpression(pattern)
    _ = expression.matches("warm")
    let text = String(repeating: "a", count: 100_000)
    let elapsed = ContinuousClock().measure { #expect(!expression.matches(text)) }
    #expect(elapsed < .seconds(2), "took \(elapsed)")
  }

  @Test("Patterns are equal by their bytes, not by canonical equivalence")
  func equality() throws {
    let composed = try RegularExpression("\u{E9}")
    let decomposed = try RegularExpression("e\u{301}")
    #expect(composed != decomposed)
    #expect(composed.matches("caf\u{E9}"))
    #expect(!composed.matches("cafe\u{301}"))
    #expect(Set([composed, decomposed, composed]).count == 2)
  }

  @Test("Requirements name what every match holds")
  func requirements() throws {
    func requirement(_ pattern: String) throws -> LiteralRequirement {
      try RegularExpression(pattern).literalRequirement
    }
    func bytes(_ text: String) -> LiteralRequirement { .literal(Array(text.utf8)) }
    #expect(try requirement("hello") == bytes("hello"))
    #expect(try requirement("foo.*bar") == .and([bytes("foo"), bytes("bar")]))
    #expect(try requirement("foo|bar") == .or([bytes("foo"), bytes("bar")]))
    #expect(
      try requirement("(?:foo|bar)+baz?")
        == .and([.or([bytes("foo"), bytes("bar")]), .or([bytes("baz"), bytes("ba")])]))
    #expect(try requirement("a*") == .everything)
    #expect(try requirement("foo|\\d+") == .everything)
    #expect(try requirement("(?i)ab") == .or([bytes("AB"), bytes("Ab"), bytes("aB"), bytes("ab")]))
    #expect(try requirement("\\bx{3}\\b") == bytes("xxx"))
  }
}
