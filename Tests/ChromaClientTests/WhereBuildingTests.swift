import ChromaClient
import Testing

@Suite("Filters in Swift")
struct WhereBuildingTests {
  /// As `where:` takes it.
  private func filter(where predicate: Where? = nil) -> Where? { predicate }

  @Test("Operators make the tests they look like")
  func operators() {
    #expect(filter(where: .key("year") == 2020) == .metadata(key: "year", .equal(.int(2020))))
    #expect(filter(where: .key("year") != "x") == .metadata(key: "year", .notEqual(.string("x"))))
    #expect(filter(where: .key("year") < 2.5) == .metadata(key: "year", .ordered(.less, .float(2.5))))
    #expect(filter(where: .key("year") <= 1) == .metadata(key: "year", .ordered(.lessOrEqual, .int(1))))
    #expect(filter(where: .key("year") > -1) == .metadata(key: "year", .ordered(.greater, .int(-1))))
    #expect(filter(where: .key("year") >= 2020) == .metadata(key: "year", .ordered(.greaterOrEqual, .int(2020))))
    #expect(filter(where: .key("draft") == true) == .metadata(key: "draft", .equal(.bool(true))))
    let year = 2020
    let name = "owl"
    #expect(filter(where: .key("year") == year) == .metadata(key: "year", .equal(.int(2020))))
    #expect(filter(where: .key("name") == name) == .metadata(key: "name", .equal(.string("owl"))))
  }

  @Test("Lists, elements and documents")
  func words() throws {
    #expect(filter(where: .key("n").isIn([1, 2])) == .metadata(key: "n", .in([.int(1), .int(2)])))
    #expect(filter(where: .key("n").isIn(["a"])) == .metadata(key: "n", .in([.string("a")])))
    #expect(filter(where: .key("n").isNotIn([1.5])) == .metadata(key: "n", .notIn([.float(1.5)])))
    #expect(filter(where: .key("tags").contains("red")) == .metadata(key: "tags", .contains(.string("red"))))
    #expect(filter(where: .key("tags").doesNotContain(3)) == .metadata(key: "tags", .notContains(.int(3))))
    #expect(filter(where: .document(contains: "swift")) == .document(.contains("swift")))
    #expect(filter(where: .document(notContaining: "swift")) == .document(.notContains("swift")))
    #expect(
      try filter(where: .document(matching: "s.*t")) == .document(.matches(try RegularExpression("s.*t"))))
    #expect(
      try filter(where: .document(notMatching: "x")) == .document(.doesNotMatch(try RegularExpression("x"))))
  }

  @Test("Joined tests are one level deep where they are joined alike")
  func joined() throws {
    let (a, b, c) = (Where.key("a") == 1, Where.key("b") == 2, Where.document(contains: "c"))
    #expect(filter(where: .key("a") == 1 && .key("b") == 2 && .document(contains: "c")) == .and([a, b, c]))
    #expect(filter(where: .key("a") == 1 || .key("b") == 2 || .document(contains: "c")) == .or([a, b, c]))
    #expect(
      filter(where: .key("a") == 1 && (.key("b") == 2 || .document(contains: "c"))) == .and([a, .or([b, c])]))
    #expect(filter(where: .key("a") == 1 || .key("b") == 2 && .document(contains: "c")) == .or([a, .and([b, c])]))
    #expect(
      filter(
        where: .key("year") >= 2020 && .key("year") < 2024 && .key("kind").isIn(["owl", "bat"])
          && (.key("draft") != true || .key("score") > 0.5) && .document(contains: "dusk"))
        == .and([
          .key("year") >= 2020, .key("year") < 2024, .key("kind").isIn(["owl", "bat"]),
          .or([.key("draft") != true, .key("score") > 0.5]), .document(contains: "dusk"),
        ]))
  }

  @Test("A pattern that is none is refused in the words of the server")
  func pattern() {
    let error = #expect(throws: ChromaError.self) { try filter(where: .document(matching: "(")) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("regex parse error") == true)
  }
}
