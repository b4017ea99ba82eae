import ChromaModel
import ChromaTestSupport
import Storage
import Testing

/// A block of documents that owns its bytes.
struct DocumentBlock {
  var text: [UInt8] = []
  var offsets: [UInt32] = [0]
  var present = [UInt64](repeating: 0, count: 32)
  var documents: [[UInt8]?] = []

  init(_ documents: [String?]) {
    self.documents = documents.map { $0.map { Array($0.utf8) } }
    for (row, document) in self.documents.enumerated() {
      text += document ?? []
      offsets.append(UInt32(text.count))
      if document != nil { present[row / 64] |= 1 << UInt64(row % 64) }
    }
  }

  func withRun<Result>(_ body: (DocumentRun) throws -> Result) throws -> Result {
    try text.withUnsafeBytes { text in
      try offsets.withUnsafeBufferPointer { offsets in
        try present.withUnsafeBufferPointer { present in
          let run = DocumentRun(
            text: text, offsets: try #require(offsets.baseAddress), present: try #require(present.baseAddress),
            count: documents.count)
          return try body(try #require(run))
        }
      }
    }
  }

  func rows(_ predicate: TextPredicate, signature: [UInt64]?, restriction: [UInt64]? = nil) throws -> [UInt64] {
    try rows(predicate.makeEvaluator(), signature: signature, restriction: restriction)
  }

  func rows(_ evaluator: TextEvaluator, signature: [UInt64]?, restriction: [UInt64]? = nil) throws -> [UInt64] {
    var words = [UInt64](repeating: .max, count: 32)
    try withRun { run in
      let restricted = restriction ?? [UInt64](repeating: .max, count: 32)
      try restricted.withUnsafeBufferPointer { restricted in
        try words.withUnsafeMutableBufferPointer { words in
          let target = try #require(words.baseAddress)
          let limits = restriction == nil ? nil : restricted.baseAddress
          if let signature {
            signature.withUnsafeBufferPointer {
              evaluator.evaluate(run, signature: $0, restrictedTo: limits, into: target)
            }
          } else {
            evaluator.evaluate(run, signature: nil, restrictedTo: limits, into: target)
          }
        }
      }
    }
    for word in (documents.count + 63) / 64..<32 { words[word] = 0 }
    return words
  }

  /// One bit for each document for which `isMatch` holds.
  func rows(where isMatch: ([UInt8]) -> Bool) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: 32)
    for (row, document) in documents.enumerated() {
      if let document, isMatch(document) { words[row / 64] |= 1 << UInt64(row % 64) }
    }
    return words
  }

  /// Byte by byte, as the definition says.
  static func contains(_ document: [UInt8], _ pattern: [UInt8]) -> Bool {
    guard pattern.count <= document.count else { return false }
    return (0...(document.count - pattern.count)).contains { start in
      pattern.indices.allSatisfy { document[start + $0] == pattern[$0] }
    }
  }
}

@Suite("Documents inside a block")
struct TextPredicateTests {
  static let alphabets: [[Unicode.Scalar]] = [
    Array("ab".unicodeScalars), Array("the quick brown fox ".unicodeScalars), Array("日本語中文 ".unicodeScalars),
    Array("привет мир".unicodeScalars), ["\0", "a", "é", "e", "\u{301}", "😀", "A"],
  ]

  static func text(_ alphabet: [Unicode.Scalar], _ lengths: ClosedRange<Int>, _ random: inout SeededGenerator) -> String
  {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: lengths, using: &random) {
      if let scalar = alphabet.randomElement(using: &random) { text.append(scalar) }
    }
    return String(text)
  }

  static func block(_ alphabet: [Unicode.Scalar], _ random: inout SeededGenerator) -> DocumentBlock {
    let count = [0, 1, 63, 64, 65, 200, 2_048].randomElement(using: &random) ?? 1
    return DocumentBlock(
      (0..<count).map { _ in
        Int.random(in: 0..<8, using: &random) == 0 ? nil : text(alphabet, 0...20, &random)
      })
  }

  @Test("$contains finds what a search byte by byte finds, with signature, without, and restricted")
  func contains() throws {
    var hits = 0
    for seed in 0..<60 {
      var random = SeededGenerator(seed: UInt64(seed))
      let alphabet = Self.alphabets[seed % Self.alphabets.count]
      let block = Self.block(alphabet, &random)
      let signature = try block.withRun { TrigramSignature.build($0) }
      for length in [0, 1, 2, 3, 4, 7, 21] {
        let pattern = Self.text(alphabet, length...length, &random)
        let expected = block.rows { DocumentBlock.contains($0, Array(pattern.utf8)) }
        hits += expected.reduce(0) { $0 + $1.nonzeroBitCount }
        let predicate = TextPredicate(contains: pattern)
        let place: Comment = "seed \(seed), pattern \(pattern.debugDescription)"
        #expect(try block.rows(predicate, signature: nil) == expected, place)
        #expect(try block.rows(predicate, signature: signature) == expected, place)
        let restriction = (0..<32).map { _ in
          random.next() & (Bool.random(using: &random) ? random.next() & random.next() : .max)
        }
        #expect(
          try block.rows(predicate, signature: signature, restriction: restriction)
            == zip(expected, restriction).map { $0 & $1 }, place)
        let evaluator = predicate.makeEvaluator()
        for document in block.documents.prefix(20) {
          guard let document else { continue }
          #expect(
            document.withUnsafeBufferPointer { evaluator.matches($0) }
              == DocumentBlock.contains(document, Array(pattern.utf8)), place)
        }
      }
    }
    #expect(hits > 1_000)
  }

  @Test("$regex finds what the pattern finds document by document")
  func regex() throws {
    let patterns = [
      "a", "ab|ba", "^b", "a.b$", "(?i)QUICK", "qu.*ox", "本.*語", "\\bм", "é", "(?:fox|the|row|n b|uic)", ".", "",
      "x{3}", "\0a", "brown|quick", "(?s)th.*(?:fox|row)",
    ]
    var hits = 0
    for seed in 0..<25 {
      var random = SeededGenerator(seed: UInt64(seed))
      let block = Self.block(Self.alphabets[seed % Self.alphabets.count], &random)
      let signature = try block.withRun { TrigramSignature.build($0) }
      for pattern in patterns {
        let expression = try RegularExpression(pattern)
        let expected = block.rows { expression.matches(String(decoding: $0, as: UTF8.self)) }
        hits += expected.reduce(0) { $0 + $1.nonzeroBitCount }
        let place: Comment = "seed \(seed), pattern \(pattern.debugDescription)"
        #expect(try block.rows(TextPredicate(regex: expression), signature: nil) == expected, place)
        #expect(try block.rows(TextPredicate(regex: expression), signature: signature) == expected, place)
      }
    }
    #expect(hits > 1_000)
  }

  @Test("A match never spans two documents")
  func borders() throws {
    var documents: [String?] = []
    for _ in 0..<500 { documents += ["xab", "cd", "", nil, "abcd", "a"] }
    documents.removeLast(1_000)
    let block = DocumentBlock(documents)
    let expected = block.rows { $0.count == 4 }
    #expect(try block.rows(TextPredicate(contains: "abcd"), signature: nil) == expected)
    #expect(try block.rows(TextPredicate(contains: "abcdef"), signature: nil) == block.rows { _ in false })
    #expect(try block.rows(TextPredicate(contains: "bc"), signature: nil) == expected)
  }

  @Test("Repetitive text and pattern are searched in linear time")
  func repetitive() throws {
    let text = String(repeating: "a", count: 1_000_000)
    let block = DocumentBlock([text, text + "b", String(repeating: "ab", count: 500_000)])
    let clock = ContinuousClock()
    for pattern in [String(repeating: "a", count: 400_000) + "b", String(repeating: "a", count: 1_000_001)] {
      let expected = block.rows { pattern.hasSuffix("b") && $0.count == 1_000_001 }
      let start = clock.now
      let found = try block.rows(TextPredicate(contains: pattern), signature: nil)
      let elapsed = clock.now - start
      #expect(found == expected)
      #expect(elapsed < .seconds(2), "took \(elapsed)")
    }
  }

  @Test("Offsets that do not fit are refused")
  func damaged() {
    func accepts(_ offsets: [UInt32], textCount: Int, count: Int) -> Bool {
      [UInt8](repeating: 0, count: textCount).withUnsafeBytes { text in
        offsets.withUnsafeBufferPointer { offsets in
          [UInt64](repeating: .max, count: 32).withUnsafeBufferPointer { present in
            guard let offsets = offsets.baseAddress, let present = present.baseAddress else { return false }
            return DocumentRun(text: text, offsets: offsets, present: present, count: count) != nil
          }
        }
      }
    }
    #expect(accepts([0, 3, 5], textCount: 5, count: 2))
    #expect(accepts([0], textCount: 0, count: 0))
    #expect(!accepts([0, 3, 6], textCount: 5, count: 2))
    #expect(!accepts([0, 3, 2], textCount: 5, count: 2))
    #expect(!accepts([0, .max, 5], textCount: 5, count: 2))
    #expect(!accepts([6], textCount: 5, count: 0))
    #expect(!accepts([0, 1], textCount: 5, count: -1))
    #expect(!accepts([UInt32](repeating: 0, count: 2_050), textCount: 5, count: 2_049))
  }
}
