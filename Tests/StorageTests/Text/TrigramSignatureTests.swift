import ChromaModel
import ChromaTestSupport
import Storage
import Testing

@Suite("Trigram signatures")
struct TrigramSignatureTests {
  /// Of the first `rows`, those that may meet the requirement.
  static func possible(_ requirement: LiteralRequirement, _ table: [UInt64], rows: Int) -> [UInt64] {
    var words = (0..<((rows + 63) / 64)).map { group -> UInt64 in
      rows - group * 64 >= 64 ? .max : (1 << UInt64(rows - group * 64)) - 1
    }
    table.withUnsafeBufferPointer { TrigramSignature.narrow(&words, to: requirement, by: $0) }
    return words
  }

  @Test("No document that holds a required string is ruled out")
  func sound() throws {
    var ruledOut = 0
    for seed in 0..<15 {
      var random = SeededGenerator(seed: UInt64(seed))
      let alphabet = TextPredicateTests.alphabets[seed % TextPredicateTests.alphabets.count]
      let count = Int.random(in: 1...2_048, using: &random)
      let lengths = seed % 2 == 0 ? 0...60 : 0...600
      let block = DocumentBlock((0..<count).map { _ in TextPredicateTests.text(alphabet, lengths, &random) })
      let table = try block.withRun { TrigramSignature.build($0) }
      #expect(table.count % ((count + 63) / 64) == 0)
      for _ in 0..<15 {
        func literal() -> LiteralRequirement {
          .literal(Array(TextPredicateTests.text(alphabet, 1...6, &random).utf8))
        }
        let requirement: LiteralRequirement =
          switch Int.random(in: 0..<4, using: &random) {
          case 0: .and([literal(), literal()])
          case 1: .or([literal(), .and([literal(), literal()])])
          default: literal()
          }
        let possible = Self.possible(requirement, table, rows: count)
        let expected = block.rows { requirement.isMet(by: $0) }
        for group in possible.indices {
          #expect(expected[group] & ~possible[group] == 0, "seed \(seed), \(requirement)")
        }
        ruledOut += count - possible.reduce(0) { $0 + $1.nonzeroBitCount }
      }
    }
    #expect(ruledOut > 20_000)
  }

  @Test("A missing table, or one of another size, rules nothing out")
  func damagedTable() {
    let requirement = LiteralRequirement.literal(Array("abcdef".utf8))
    #expect(Self.possible(requirement, [], rows: 5) == [0b11111])
    #expect(Self.possible(requirement, [0, 0, 0], rows: 65) == [.max, 1])
    #expect(Self.possible(requirement, [0], rows: 5) == [0])
    #expect(Self.possible(requirement, [.max], rows: 64) == [.max])
    #expect(Self.possible(.everything, [0, 0], rows: 3) == [0b111])
  }

  @Test("A table takes at most a tenth of its text, and none for a short one")
  func size() throws {
    #expect(try DocumentBlock(["too short"]).withRun { TrigramSignature.build($0) }.isEmpty)
    for repeats in [1, 20, 60, 400] {
      let block = DocumentBlock((0..<2_048).map { String(repeating: "row \($0) ", count: repeats) })
      let bytes = try block.withRun { TrigramSignature.build($0) }.count * 8
      #expect(bytes <= block.text.count / 10)
      #expect(repeats < 20 || bytes >= block.text.count / 12)
    }
  }

  @Test("Words that most documents hold still leave few of them")
  func frequentWords() throws {
    let words = [
      "time", "people", "water", "light", "river", "house", "music", "table", "under", "stone", "green", "seven",
    ]
    var random = SeededGenerator(seed: 5)
    let block = DocumentBlock(
      (0..<2_048).map { _ in (0..<60).map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: " ") })
    let table = try block.withRun { TrigramSignature.build($0) }
    let absent = Self.possible(.literal(Array("the quick brown fox".utf8)), table, rows: 2_048)
    #expect(absent.reduce(0) { $0 + $1.nonzeroBitCount } < 200)
  }
}
