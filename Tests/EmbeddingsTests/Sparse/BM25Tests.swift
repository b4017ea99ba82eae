import ChromaModel
import Testing

@testable import Embeddings

@Suite("BM25 as Chroma's clients compute it")
struct BM25Tests {
  private func check(_ function: BM25, against rows: [JSONValue]) throws {
    for row in rows {
      let text = try #require(row["text"]?.string)
      let vector = function.vector(text)
      #expect(vector.indices.map(Double.init) == row["indices"]?.elements.compactMap(\.number), "\(text)")
      #expect(vector.values == row["values"]?.elements.compactMap(\.number).map(Float.init), "\(text)")
      #expect(vector.isWellFormed)
      if let tokens = vector.tokens { #expect(tokens == row["tokens"]?.elements.compactMap(\.string), "\(text)") }
    }
  }

  @Test("400 texts in many scripts give the same indices, bits and stems as the Python client")
  func standard() throws {
    let rows = try #require(GoldenFile.json("bm25.json")["standard"]).elements
    #expect(rows.count == 400)
    try check(BM25(includesTokens: true), against: rows)
  }

  @Test("Each setting of the Python client has the same effect")
  func configured() throws {
    let rows = try #require(GoldenFile.json("bm25.json")["configured"]).elements
    #expect(rows.count == 60)
    let function = BM25(
      k: 2, b: 0.1, averageLength: 7.5, maximumWordLength: 6, stopWords: ["Run", "CAFÉ", "don't"],
      includesTokens: true)
    try check(function, against: rows)
  }

  @Test("A batch is its texts one by one, and tokens come only when asked for")
  func batches() {
    let texts = ["Hello World", "", "the fox, the foxes"]
    let vectors = BM25().embed(texts)
    #expect(vectors == texts.map { BM25().vector($0) })
    #expect(vectors.allSatisfy { $0.tokens == nil })
    #expect(vectors.map(\.indices.count) == [2, 0, 1])
  }

  @Test("A word's index is the absolute value of its hash, also of the least one")
  func hashes() {
    #expect(BM25.index(Array("hello".unicodeScalars)) == 613_153_351)
    #expect(BM25.index(Array("café".unicodeScalars)) == 605_818_632)
    #expect(MurmurHash3.hash("".utf8) == 0)
    #expect(MurmurHash3.hash("a".utf8) == 1_009_084_850)
    #expect(MurmurHash3.hash("ab".utf8) == 2_613_040_991)
    #expect(MurmurHash3.hash("abc".utf8) == 3_017_643_002)
    #expect(MurmurHash3.hash("abcde".utf8) == 3_902_511_862)
    #expect(BM25.index(Array("ckjgwfut".unicodeScalars)) == 2_147_483_648)
  }
}
