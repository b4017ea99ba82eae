import Testing

@testable import Embeddings

@Suite("The English stemmer")
struct EnglishStemmerTests {
  @Test("2,000 words have the stems Snowball gives them")
  func golden() throws {
    let lines = String(decoding: try GoldenFile.bytes("stems.tsv"), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count == 2000)
    var stemmer = EnglishStemmer()
    for line in lines {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      try #require(columns.count == 2)
      let stem = stemmer.stem(Array(columns[0].unicodeScalars))
      #expect(stem == Array(columns[1].unicodeScalars), "\(columns[0])")
    }
  }
}
