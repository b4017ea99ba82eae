import ChromaClient
import ChromaTestSupport
import Testing

@testable import myapp

@Suite("Search by words")
struct KeywordQueryTests {
  @Test("Stop words are left out, repeats count once, and forms of a word are one term")
  func terms() {
    let query = KeywordQuery("How do the Bees keep a bee warm? Warmly!")
    #expect(query.terms.map(\.stem) == ["bee", "keep", "warm"])
    #expect(KeywordQuery("the of and").terms.isEmpty)
    #expect(KeywordQuery(" \n").terms.isEmpty)
  }

  @Test("A term's pattern finds its forms in any case")
  func patterns() throws {
    for (word, texts) in [("happy", ["Happiness is", "UNHAPPY"]), ("fermenting", ["Ferments", "fermentation"])] {
      let term = try #require(KeywordQuery(word).terms.first)
      let expression = try RegularExpression(term.pattern)
      for text in texts { #expect(expression.matches(text), "\(term.pattern) in \(text)") }
    }
  }

  @Test("Whatever is typed is looked for as it stands, never as syntax")
  func escaping() throws {
    var generator = SeededGenerator(seed: 20_261_121)
    let alphabet = Array(#"abc.*+?()[]{}|^$\/-&~# é漢👩‍👩‍👧"#.unicodeScalars)
    for _ in 0..<2000 {
      let text = String(
        String.UnicodeScalarView(
          (0..<Int.random(in: 1...8, using: &generator)).map { _ in
            alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
          }))
      let expression = try RegularExpression("^" + RegexLiteral.escape(text) + "$")
      #expect(expression.matches(text), "\(text)")
      #expect(!expression.matches(text + "x"), "\(text)")
    }
  }

  @Test("No question makes a term that the database cannot read")
  func anyQuestion() throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<500 {
      let scalars = (0..<40).compactMap { _ in Unicode.Scalar(UInt32.random(in: 32...0x3000, using: &generator)) }
      for term in KeywordQuery(String(String.UnicodeScalarView(scalars))).terms {
        _ = try RegularExpression(term.pattern)
      }
    }
  }

  @Test("BM25: a rarer word weighs more, repeats less and less, long texts less")
  func scores() {
    let query = KeywordQuery("owl feathers")
    let scorer = KeywordScorer(zip(query.terms, [1.0, 3.0]))
    func bm25(_ text: String) -> Double { scorer.score(text).bm25 }
    #expect(bm25("Owls hunt.") < bm25("A feather falls."))
    #expect(bm25("owl owl") > bm25("owl hunts"))
    #expect(bm25("owl owl owl") - bm25("owl owl hunts") < bm25("owl owl hunts") - bm25("owl in hunts"))
    #expect(bm25("owl " + String(repeating: "tree ", count: 200)) < bm25("owl tree"))
    #expect(scorer.score("trees and rivers") == .init(bm25: 0, coverage: 0))
    #expect(scorer.score("an owl").coverage == 0.25)
    #expect(scorer.score("feathers of owls").coverage == 1)
    #expect(KeywordSearch.inverseDocumentFrequency(1, of: 1000) > KeywordSearch.inverseDocumentFrequency(900, of: 1000))
    #expect(KeywordSearch.inverseDocumentFrequency(1000, of: 1000) > 0)
  }

  @Test("Marks are the words of the question, in Unicode scalars")
  func marks() {
    let text = "👩‍👩‍👧 Owls and an owl's nest"
    let ranges = Marks.ranges(of: KeywordQuery("owl"), in: text)
    let scalars = Array(text.unicodeScalars)
    #expect(ranges.map { String(String.UnicodeScalarView(scalars[$0])) } == ["Owls", "owl"])
  }
}
