import ChromaModel
import Testing

@testable import ChromaClient

@Suite("Filters on the wire")
struct WhereJSONTests {
  private static let year = Where.key("year") == 2020
  private static let owl = Where.document(contains: "owl")

  private func check(
    _ filter: Where, _ metadata: String?, _ document: String?, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let clauses = try filter.clauses()
    #expect(clauses.metadata?.text == metadata, sourceLocation: sourceLocation)
    #expect(clauses.document?.text == document, sourceLocation: sourceLocation)
    // What the server reads is the same filter, up to how it is joined.
    let read = Where.both(try Where.parse(clauses.metadata), try Where.parseDocument(clauses.document))
    for owl in ["an owl", "a fox", nil] {
      for value in [MetadataValue.int(2020), .int(1), .string("x"), .strings(["x"]), nil] {
        var record: Metadata = [:]
        record["year"] = value
        #expect(
          read?.matches(metadata: record, document: owl) == filter.matches(metadata: record, document: owl),
          "\(record) \(owl ?? "")", sourceLocation: sourceLocation)
      }
    }
  }

  @Test("A conjunction is split into tests of metadata and of documents")
  func conjunction() throws {
    let (year, owl) = (Self.year, Self.owl)
    try check(year, #"{"year":{"$eq":2020}}"#, nil)
    try check(owl, nil, #"{"$contains":"owl"}"#)
    try check(year && owl, #"{"year":{"$eq":2020}}"#, #"{"$contains":"owl"}"#)
    try check(
      .and([.and([owl, year]), .or([owl, .document(notContaining: "x")])]), #"{"year":{"$eq":2020}}"#,
      #"{"$and":[{"$contains":"owl"},{"$or":[{"$contains":"owl"},{"$not_contains":"x"}]}]}"#)
    try check(
      try owl && .document(matching: "o.l") && .document(notMatching: "^x"), nil,
      #"{"$and":[{"$contains":"owl"},{"$regex":"o.l"},{"$not_regex":"^x"}]}"#)
  }

  @Test("A mixed disjunction stays whole, with documents under their key")
  func disjunction() throws {
    try check(
      Self.year || Self.owl, ##"{"$or":[{"year":{"$eq":2020}},{"#document":{"$contains":"owl"}}]}"##, nil)
    try check(
      (Self.year || Self.owl) && Self.owl,
      ##"{"$or":[{"year":{"$eq":2020}},{"#document":{"$contains":"owl"}}]}"##, #"{"$contains":"owl"}"#)
  }

  @Test("Joining nothing lets everything pass, or nothing")
  func nothing() throws {
    try check(.and([]), #"{"$and":[]}"#, nil)
    try check(.and([.and([]), .and([])]), #"{"$and":[]}"#, nil)
    try check(.or([]), #"{"$or":[]}"#, nil)
    try check(.or([]) && Self.owl, #"{"$or":[]}"#, #"{"$contains":"owl"}"#)
  }

  @Test("Every operator has its word")
  func operators() throws {
    let key = Where.key("year")
    try check(key != true, #"{"year":{"$ne":true}}"#, nil)
    try check(key < 1, #"{"year":{"$lt":1}}"#, nil)
    try check(key <= 1.0, #"{"year":{"$lte":1.0}}"#, nil)
    try check(key > 1.5, #"{"year":{"$gt":1.5}}"#, nil)
    try check(key >= -1, #"{"year":{"$gte":-1}}"#, nil)
    try check(key.isIn(["x", "y"]), #"{"year":{"$in":["x","y"]}}"#, nil)
    try check(key.isNotIn([1, 2020]), #"{"year":{"$nin":[1,2020]}}"#, nil)
    try check(key.contains("x"), #"{"year":{"$contains":"x"}}"#, nil)
    try check(key.doesNotContain("x"), #"{"year":{"$not_contains":"x"}}"#, nil)
  }

  @Test("A list of several types is taken apart, an empty one is nothing or everything")
  func lists() throws {
    try check(
      .metadata(key: "year", .in([.int(1), .string("x"), .int(2)])),
      #"{"$or":[{"year":{"$in":[1,2]}},{"year":{"$in":["x"]}}]}"#, nil)
    try check(
      .metadata(key: "year", .notIn([.bool(true), .float(1), .int(2020)])),
      #"{"$and":[{"year":{"$nin":[true]}},{"year":{"$nin":[2020]}},{"year":{"$nin":[1.0]}}]}"#, nil)
    try check(.metadata(key: "year", .in([])), #"{"$or":[]}"#, nil)
    try check(.metadata(key: "year", .notIn([])), #"{"$and":[]}"#, nil)
  }

  @Test(
    "What the wire has no words for is refused by name",
    arguments: [
      (Where.metadata(key: "$or", .equal(.int(1))), "$or"),
      (.metadata(key: "#document", .contains(.string("x"))), "#document"),
      (.metadata(key: "year", .equal(.float(.nan))), "nan"), (.metadata(key: "year", .in([.float(.infinity)])), "inf"),
      (.or([.metadata(key: "year", .ordered(.less, .string("x"))), .document(.contains("x"))]), "year"),
    ])
  func unspeakable(filter: Where, name: String) throws {
    let error = #expect(throws: ChromaError.self) { try filter.clauses() }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains(name) == true)
  }
}
