import Testing

@testable import ChromaModel

@Suite("Names and identities")
struct NamesTests {
  @Test(
    "Good names", arguments: ["abc", "a.b", "a_b-c.d", "A00", String(repeating: "x", count: 512), "eur+name", "1.2.3"])
  func good(name: String) { #expect(Names.problem(with: name) == nil) }

  @Test(
    "Bad names",
    arguments: [
      "", "ab", "a..b", "-ab", "ab-", "a b", "é23", "1.2.3.4", String(repeating: "x", count: 513), "a+b+c", "abc+x",
      "a/b",
    ])
  func bad(name: String) { #expect(Names.problem(with: name) != nil) }

  @Test("Each spelling of a UUID is read, and written one way")
  func identifiers() throws {
    let text = "c150c418-6960-4d62-b21a-6906069645a4"
    let id = try #require(Identifier(text))
    #expect(id.description == text)
    for spelling in [text.uppercased(), text.filter { $0 != "-" }, "{\(text)}", "urn:uuid:\(text)"] {
      #expect(Identifier(spelling) == id)
    }
    for wrong in ["", "x", String(text.dropLast()), text + "0", text.replacing("-", with: "_"), "c150c418", "é" + text]
    {
      #expect(Identifier(wrong) == nil)
    }
  }

  @Test("Random identities are of version 4 and come back from their text")
  func randomIdentifiers() {
    for _ in 0..<1_000 {
      let id = Identifier.random()
      let text = id.description
      #expect(Identifier(text) == id)
      #expect(Array(text)[14] == "4" && "89ab".contains(Array(text)[19]))
    }
  }
}
