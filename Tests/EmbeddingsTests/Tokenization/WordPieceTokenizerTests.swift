import ChromaModel
import ChromaTestSupport
import Foundation
import Testing

@testable import Embeddings

@Suite("WordPiece tokens")
struct WordPieceTokenizerTests {
  /// Ids by line: 5 a, 6 ##b, …
  private let tokenizer = try? WordPieceTokenizer(
    vocabulary: Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\nab\n##c\n##cc\n!\n数\ne\n##数\n".utf8), path: "test")

  struct Row: Sendable {
    var text: String
    var ids: [Int32]
    var count: Int
    var places: [Int]?
  }

  static func golden() throws -> [Row] {
    try GoldenFile.json("wordpiece.json").elements.map { row in
      let text = try #require(row["text"]?.string)
      return Row(
        text: String(repeating: text, count: Int(row["repeat"]?.number ?? 1)),
        ids: try #require(row["ids"]).elements.compactMap { $0.number.map { Int32($0) } },
        count: Int(try #require(row["count"]?.number)),
        places: row["places"]?.elements.compactMap { $0.number.map { Int($0) } })
    }
  }

  @Test(
    "1,200 texts in many scripts have the ids, counts and places of Hugging Face's tokenizers",
    .enabled(if: TestModel.isThere, TestModel.reason))
  func golden() throws {
    let tokenizer = try TestModel.tokenizer()
    let rows = try Self.golden()
    #expect(rows.count == 1200)
    for row in rows {
      #expect(tokenizer.encode(row.text) == row.ids, "\(row.text.debugDescription.prefix(200))")
      #expect(tokenizer.count(row.text) == row.count, "\(row.text.debugDescription.prefix(200))")
      guard let places = row.places else { continue }
      let found = tokenizer.pieces(row.text).flatMap { [$0.range.lowerBound, $0.range.upperBound] }
      #expect(found == places, "\(row.text.debugDescription)")
    }
  }

  @Test("Every Unicode scalar is dropped, split, decomposed and lower-cased as in Hugging Face's tokenizers")
  func everyScalar() throws {
    let file = String(decoding: try GoldenFile.bytes("wordpiece-scalars.txt"), as: UTF8.self)
    var expected: [UInt32: [Substring]] = [:]
    for line in file.split(separator: "\n") {
      let columns = line.split(separator: " ")
      let (low, high) = (try #require(UInt32(columns[0], radix: 16)), try #require(UInt32(columns[1], radix: 16)))
      for value in low...high { expected[value] = Array(columns[2...]) }
    }
    var wrong: [String] = []
    for value in UInt32(0)...0x10FFFF where !(0xAC00...0xD7A3).contains(value) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      // By scalars, since Swift's strings are equal when they differ only in normalisation.
      let words = (expected[value] ?? ["a*b"]).map { $0.unicodeScalars.map { $0 == "*" ? scalar : $0 } }
      let found = Self.words(scalar)
      if found != words {
        wrong.append("\(String(value, radix: 16)): \(found) is not \(words)")
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(40).joined(separator: "\n"))")
  }

  /// The words of "a", `scalar`, "b".
  private static func words(_ scalar: Unicode.Scalar) -> [[Unicode.Scalar]] {
    var words: [[Unicode.Scalar]] = [[]]
    func add(_ part: Unicode.Scalar, _ kind: BertScalar.Class?) {
      switch kind {
      case nil: break
      case .letter: words[words.count - 1].append(part)
      case .space: words.append([])
      case .isolated: words += [[part], []]
      }
    }
    add("a", .letter)
    if scalar.isASCII {
      let byte = UInt8(scalar.value)
      add(Unicode.Scalar(BertScalar.lowered(byte)), BertScalar.ascii(byte))
    } else {
      BertScalar.normalize(scalar, add)
    }
    add("b", .letter)
    return words.filter { !$0.isEmpty }
  }

  @Test("A word is cut into the longest pieces, or is unknown as a whole")
  func greedy() throws {
    let tokenizer = try #require(tokenizer)
    #expect(tokenizer.encode("abcc") == [2, 7, 9, 3])
    #expect(tokenizer.encode("aB Ácc") == [2, 7, 5, 9, 3])
    // "ab" is taken first, and what is left has no piece: there is no way back.
    #expect(tokenizer.encode("abe") == [2, 1, 3])
    #expect(tokenizer.encode("") == [2, 3])
    #expect(tokenizer.encode("a数!") == [2, 5, 11, 10, 3])
  }

  @Test("Pieces know their place in the text, accents and all")
  func places() throws {
    let tokenizer = try #require(tokenizer)
    let text = "  ábc [SEP]e\u{301}!"
    let found = tokenizer.pieces(text).map { piece in
      String(decoding: Array(text.utf8)[piece.range], as: UTF8.self)
    }
    #expect(found == ["áb", "c", "[SEP]", "e", "!"])
  }

  @Test("A cut text has both ends and exactly as many ids as allowed")
  func truncation() throws {
    let tokenizer = try #require(tokenizer)
    let long = String(repeating: "abcc ", count: 1000)
    for limit in [2, 3, 4, 255, 256] {
      let ids = tokenizer.encode(long, limit: limit)
      #expect(ids.count == limit)
      #expect(ids.first == 2 && ids.last == 3)
    }
    #expect(tokenizer.encode("ab", limit: 256) == [2, 7, 3])
    #expect(tokenizer.count(long) == 2000)
    #expect(tokenizer.count(long, upTo: 17) == 17)
  }

  @Test("A word of 100 scalars is cut, one of 101 is unknown, and none takes memory for more")
  func longWords() throws {
    let tokenizer = try #require(tokenizer)
    #expect(tokenizer.pieces("a" + String(repeating: "b", count: 99)).count == 99)
    #expect(tokenizer.pieces("a" + String(repeating: "b", count: 100)).map(\.id) == [1])
    #expect(tokenizer.pieces(String(repeating: "b", count: 3_000_000)) == [.init(id: 1, range: 0..<3_000_000)])
  }

  @Test("Counting, pieces and ids agree on random text")
  func agreement() throws {
    let tokenizer = try #require(tokenizer)
    let alphabet = Array("aabbccde !\u{301}数\u{200B}é[SEP]\u{1F642}ÅŞ\u{0}\u{3000}").flatMap {
      Array($0.unicodeScalars)
    }
    for seed in UInt64(0)..<500 {
      var generator = SeededGenerator(seed: seed)
      var view = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...60, using: &generator) {
        view.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
      }
      let text = String(view)
      let pieces = tokenizer.pieces(text)
      #expect(tokenizer.count(text) == pieces.count, "seed \(seed)")
      #expect(tokenizer.encode(text, limit: 100) == [2] + pieces.map(\.id) + [3], "seed \(seed)")
      let isOrdered = zip(pieces, pieces.dropFirst()).allSatisfy { $0.range.lowerBound <= $1.range.lowerBound }
      #expect(isOrdered && pieces.allSatisfy { $0.range.upperBound <= text.utf8.count }, "seed \(seed)")
    }
  }

  @Test("A file that is no vocabulary is refused with its reason")
  func refusals() throws {
    #expect(throws: EmbeddingError.malformed(path: "x", reason: "it has no [UNK]")) {
      try WordPieceTokenizer(vocabulary: Array("[CLS]\n[SEP]\n".utf8), path: "x")
    }
    let temporary = try TemporaryDirectory()
    #expect(throws: EmbeddingError.self) { try WordPieceTokenizer(vocabularyPath: temporary.path + "/none.txt") }
    #expect(throws: EmbeddingError.self) { try WordPieceTokenizer(vocabularyPath: temporary.path) }
  }
}
