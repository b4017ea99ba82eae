import Testing

@testable import ChromaModel

@Suite("The where language")
struct WhereTests {
  private func parse(_ text: String) throws -> Where? { try Where.parse(try JSONValue(parsing: text)) }

  @Test("No filter", arguments: ["null", "{}"])
  func noFilter(text: String) throws { #expect(try parse(text) == nil) }

  @Test(
    "What is not the language is refused in Chroma's words",
    arguments: [
      "[]", "1", "\"x\"", #"{"a":1,"b":2}"#, #"{"$and":{}}"#, #"{"$not":[]}"#, #"{"a":null}"#, #"{"a":[1]}"#,
      #"{"a":{"$gt":"x"}}"#, #"{"a":{"$gt":true}}"#, #"{"a":{"$in":[]}}"#, #"{"a":{"$in":[1,1.5]}}"#,
      #"{"a":{"$in":[1,"x"]}}"#, #"{"a":{"$in":[true,1]}}"#, #"{"a":{"$eq":1,"$ne":2}}"#, #"{"a":{"$like":"x"}}"#,
      #"{"a":{"$contains":[1]}}"#, #"{"$contains":"x"}"#,
    ])
  func refused(text: String) {
    let failure = #expect(throws: ChromaError.self) { _ = try parse(text) }
    #expect(failure?.message == "Invalid where clause" && failure?.code == .invalidArgument)
  }

  @Test("A filter on documents has its own words")
  func documentFilter() throws {
    func parse(_ text: String) throws -> Where? { try Where.parseDocument(try JSONValue(parsing: text)) }
    #expect(try parse(#"{"$contains":"x"}"#) == .document(.contains("x")))
    #expect(try parse(#"{"$or":[{"$not_contains":""}]}"#) == .or([.document(.notContains(""))]))
    for text in [#"{"a":1}"#, #"{"$contains":1}"#, #"{"$and":[1]}"#] {
      let failure = #expect(throws: ChromaError.self) { _ = try parse(text) }
      #expect(failure?.message == "Invalid where document clause")
    }
    let failure = #expect(throws: ChromaError.self) { _ = try parse(#"{"$regex":"("}"#) }
    #expect(failure?.message.hasPrefix("Regex syntax errror: regex parse error:") == true)
  }

  @Test(
    "Meaning, row by row",
    arguments: [
      (#"{"k":1}"#, ["k": .int(1)], true), (#"{"k":1}"#, ["k": .float(1)], true),
      (#"{"k":1}"#, ["k": .bool(true)], false),
      (#"{"k":1}"#, ["k": .string("1")], false), (#"{"k":1.5}"#, ["k": .int(1)], false),
      (#"{"k":{"$gte":1.4}}"#, ["k": .int(1)], false), (#"{"k":{"$lt":1.4}}"#, ["k": .int(1)], true),
      (#"{"k":{"$gt":9007199254740992.0}}"#, ["k": .int(9_007_199_254_740_993)], true),
      (#"{"k":9007199254740992.0}"#, ["k": .int(9_007_199_254_740_993)], false),
      (#"{"k":{"$ne":1}}"#, [:], true), (#"{"k":{"$ne":1}}"#, ["k": .ints([1])], true),
      (#"{"k":{"$nin":[1,2]}}"#, ["k": .string("1")], true), (#"{"k":{"$in":[1.5,1]}}"#, ["k": .int(1)], true),
      (#"{"k":{"$gt":0}}"#, [:], false), (#"{"k":{"$gt":0}}"#, ["k": .string("5")], false),
      (#"{"k":{"$contains":1}}"#, ["k": .ints([1, 2])], true),
      (#"{"k":{"$contains":1.0}}"#, ["k": .ints([1, 2])], false),
      (#"{"k":{"$contains":1}}"#, ["k": .int(1)], false), (#"{"k":{"$not_contains":1}}"#, [:], true),
      (#"{"$and":[]}"#, [:], true), (#"{"$or":[]}"#, [:], false), (#"{"":1}"#, ["k": .int(1)], false),
      (#"{"k":"é"}"#, ["k": .string("e\u{301}")], false),
    ] as [(String, Metadata, Bool)])
  func meaning(text: String, metadata: Metadata, expected: Bool) throws {
    let filter = try #require(try parse(text))
    #expect(filter.matches(metadata: metadata, document: nil) == expected)
  }

  @Test("Documents are searched by code points")
  func documents() {
    let cases: [(DocumentTest, String?, Bool)] = [
      (.contains(""), "", true), (.contains(""), nil, false), (.notContains("x"), nil, true),
      (.contains("Ab"), "xAbx", true), (.contains("ab"), "xAbx", false), (.contains("%"), "100%", true),
      (.contains("é"), "e\u{301}", false), (.contains("\u{301}"), "e\u{301}", true), (.contains("\0"), "a\0b", true),
      (.contains("本"), "日本語", true),
    ]
    for (test, document, expected) in cases {
      #expect(test.matches(document) == expected, "\(test) in \(document ?? "–")")
    }
  }
}
