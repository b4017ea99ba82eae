import ChromaModel
import ChromaTestSupport
import Storage
import Testing

@Suite("Trigram signatures")
struct TrigramSignatureTests {
  static func groups(_ requirement: LiteralRequirement, _ table: [UInt32], _ groupCount: Int) -> UInt32 {
    table.withUnsafeBufferPointer {
      TrigramSignature.groups(mayContain: requirement, in: $0, groupCount: groupCount)
    }
  }

  @Test("No group that holds a required string is ruled out")
  func sound() throws {
    var ruledOut = 0
    for seed in 0..<15 {
      var random = SeededGenerator(seed: UInt64(seed))
      let alphabet = TextPredicateTests.alphabets[seed % TextPredicateTests.alphabets.count]
      let count = Int.random(in: 1...2_048, using: &random)
      let block = DocumentBlock((0..<count).map { _ in TextPredicateTests.text(alphabet, 0...60, &random) })
      let table = try block.withRun { TrigramSignature.build($0) }
      #expect(table.isEmpty || table.count.nonzeroBitCount == 1)
      let groupCount = (count + 63) / 64
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
        let possible = Self.groups(requirement, table, groupCount)
        let expected = block.rows { requirement.isMet(by: $0) }
        for group in 0..<groupCount where expected[group] != 0 {
          #expect(possible >> UInt32(group) & 1 == 1, "seed \(seed), \(requirement)")
        }
        ruledOut += groupCount - possible.nonzeroBitCount
      }
    }
    #expect(ruledOut > 150)
  }

  @Test("A missing table, or one of another size, rules nothing out")
  func damagedTable() {
    let requirement = LiteralRequirement.literal(Array("abcdef".utf8))
    #expect(Self.groups(requirement, [], 5) == 0b11111)
    #expect(Self.groups(requirement, [0, 0, 0], 5) == 0b11111)
    #expect(Self.groups(requirement, [0], 5) == 0)
    #expect(Self.groups(requirement, [.max], 32) == .max)
    #expect(Self.groups(.everything, [0, 0], 3) == 0b111)
  }

  @Test("A table takes about an eighth of its text, and none for a short one")
  func size() throws {
    let short = DocumentBlock(["too short"])
    #expect(try short.withRun { TrigramSignature.build($0) }.isEmpty)
    let long = DocumentBlock((0..<2_048).map { row in String(repeating: "row \(row) ", count: 60) })
    let slots = try long.withRun { TrigramSignature.build($0) }.count
    #expect(slots * 4 <= long.text.count / 4)
    #expect(slots >= 16_384)
  }
}
