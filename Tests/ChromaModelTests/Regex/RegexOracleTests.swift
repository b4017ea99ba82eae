@testable import ChromaModel
import ChromaTestSupport
import Testing

/// Tries every way through the tree: exponential, and so simple that it can be trusted on short texts.
private struct Backtracker {
  let text: [Unicode.Scalar]

  func matches(_ node: RegexNode) -> Bool {
    text.indices.contains { run(node, at: $0) { _ in true } } || run(node, at: text.count) { _ in true }
  }

  private func run(_ node: RegexNode, at position: Int, _ then: (Int) -> Bool) -> Bool {
    switch node {
    case .empty: then(position)
    case .scalars(let set):
      position < text.count && set.contains(text[position].value) && then(position + 1)
    case .look(let look): holds(look, at: position) && then(position)
    case .concatenation(let parts): run(parts[...], at: position, then)
    case .alternation(let branches): branches.contains { run($0, at: position, then) }
    case .repetition(let body, let minimum, let maximum):
      loop(body, minimum, maximum, at: position, then)
    }
  }

  private func run(_ parts: ArraySlice<RegexNode>, at position: Int, _ then: (Int) -> Bool) -> Bool {
    guard let first = parts.first else { return then(position) }
    return run(first, at: position) { run(parts.dropFirst(), at: $0, then) }
  }

  private func loop(_ body: RegexNode, _ minimum: Int, _ maximum: Int?, at position: Int, _ then: (Int) -> Bool) -> Bool
  {
    if minimum == 0, then(position) { return true }
    if maximum == 0 { return false }
    return run(body, at: position) { end in
      // Past the obligatory rounds, one that consumes nothing leads nowhere new.
      if minimum == 0, end == position { return false }
      return loop(body, max(0, minimum - 1), maximum.map { $0 - 1 }, at: end, then)
    }
  }

  private func holds(_ look: Look, at position: Int) -> Bool {
    let before = position > 0 ? text[position - 1] : nil
    let after = position < text.count ? text[position] : nil
    func isWord(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { UnicodeClass.word.contains($0.value) } ?? false }
    func isASCIIWord(_ scalar: Unicode.Scalar?) -> Bool { isWord(scalar) && scalar?.isASCII == true }
    return switch look {
    case .textStart: before == nil
    case .textEnd: after == nil
    case .lineStart: before == nil || before == "\n"
    case .lineEnd: after == nil || after == "\n"
    case .lineStartCRLF: before == nil || before == "\n" || (before == "\r" && after != "\n")
    case .lineEndCRLF: after == nil || after == "\r" || (after == "\n" && before != "\r")
    case .wordBoundary: isWord(before) != isWord(after)
    case .notWordBoundary: isWord(before) == isWord(after)
    case .wordStart: !isWord(before) && isWord(after)
    case .wordEnd: isWord(before) && !isWord(after)
    case .wordStartHalf: !isWord(before)
    case .wordEndHalf: !isWord(after)
    case .asciiWordBoundary: isASCIIWord(before) != isASCIIWord(after)
    case .asciiNotWordBoundary: isASCIIWord(before) == isASCIIWord(after)
    case .asciiWordStart: !isASCIIWord(before) && isASCIIWord(after)
    case .asciiWordEnd: isASCIIWord(before) && !isASCIIWord(after)
    case .asciiWordStartHalf: !isASCIIWord(before)
    case .asciiWordEndHalf: !isASCIIWord(after)
    }
  }
}

@Suite("Regular expressions against backtracking")
struct RegexOracleTests {
  static func pattern(_ depth: Int, _ random: inout SeededGenerator) -> String {
    let atoms = [
      "a", "b", "é", "日", ".", "\\w", "\\d", "[ab]", "[^a]", "[^\\w]", "k", " ", "_", "\\n", "(?s:.)", "[a&&b]",
      "(?i:K)", "",
    ]
    let looks = [
      "^", "$", "\\b", "\\B", "(?m:^)", "(?m:$)", "\\<", "\\>", "\\b{start-half}", "\\b{end-half}", "(?mR:^)",
      "(?mR:$)",
      "(?-u:\\b)", "(?-u:\\B)", "(?-u:\\<)", "(?-u:\\b{end-half})",
    ]
    switch depth == 0 ? 0 : Int.random(in: 0..<10, using: &random) {
    case 0..<3: return atoms.randomElement(using: &random) ?? ""
    case 3: return looks.randomElement(using: &random) ?? ""
    case 4..<7: return pattern(depth - 1, &random) + pattern(depth - 1, &random)
    case 7: return "(?:\(pattern(depth - 1, &random))|\(pattern(depth - 1, &random)))"
    default:
      let quantifier = ["*", "+", "?", "{2}", "{0,2}", "{1,}", "{2,3}"].randomElement(using: &random) ?? ""
      return "(?:\(pattern(depth - 1, &random)))" + quantifier
    }
  }

  static func text(_ random: inout SeededGenerator) -> [Unicode.Scalar] {
    let scalars: [Unicode.Scalar] = ["a", "a", "b", "k", "K", "\u{212A}", "é", "日", "1", "_", " ", "\n", "\r", "-"]
    return (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in scalars.randomElement(using: &random) }
  }

  @Test("Random patterns agree, with a table of the usual size, with one too small to keep, and with their requirement")
  func agrees() throws {
    var found = 0
    for seed in 0..<3_000 {
      var random = SeededGenerator(seed: UInt64(seed))
      let pattern = Self.pattern(4, &random)
      // An empty atom may leave a quantifier without operand.
      guard let expression = try? RegularExpression(pattern) else { continue }
      let node = try RegexParser.parse(pattern)
      let matcher = expression.makeMatcher()
      let forgetful = expression.makeMatcher(cacheLimit: 1)
      for _ in 0..<6 {
        let scalars = Self.text(&random)
        let expected = Backtracker(text: scalars).matches(node)
        let bytes = Array(String(scalars: scalars).utf8)
        let place: Comment = "seed \(seed): \(pattern.debugDescription) in \(scalars)"
        bytes.withUnsafeBufferPointer {
          #expect(matcher.matches($0) == expected, place)
          #expect(forgetful.matches($0) == expected, place)
        }
        if expected {
          found += 1
          #expect(expression.literalRequirement.isMet(by: bytes), place)
        }
      }
    }
    #expect(found > 3_000)
  }

  @Test("A search that fills its table without using it goes on without, and gives the same answers")
  func thrashing() throws {
    for pattern in ["[ab]*a[ab]{12}c", "\\b[ab]*a[ab]{12}\\b", "(?m)a[ab]{11}$c"] {
      let expression = try RegularExpression(pattern)
      let small = expression.makeMatcher(cacheLimit: 4_000)
      let large = expression.makeMatcher()
      for seed in 0..<40 {
        var random = SeededGenerator(seed: UInt64(seed))
        var bytes = (0..<2_000).map { _ in Bool.random(using: &random) ? UInt8(ascii: "a") : UInt8(ascii: "b") }
        if seed % 2 == 0 { bytes[1_900] = UInt8(ascii: "c") }
        bytes.withUnsafeBufferPointer {
          let answer = small.matches($0)
          #expect(small.isThrashing, "seed \(seed) \(pattern)")
          #expect(answer == large.matches($0), "seed \(seed) \(pattern)")
        }
      }
    }
  }

  @Test("Every scalar is in a class exactly if the compiled class matches it")
  func classes() throws {
    for pattern in [
      "\\w", "\\W", "\\d", "\\pL", "[^\\s]", "(?i)[k-sσ]", "\\p{Han}", ".", "[\\x{7FF}-\\x{800}\\x{FFFF}-\\x{10000}]",
    ] {
      let expression = try RegularExpression(pattern)
      let matcher = expression.makeMatcher()
      guard case .scalars(let set) = try RegexParser.parse(pattern) else {
        Issue.record("\(pattern) is no class")
        continue
      }
      var wrong = 0
      for value in 0...ScalarSet.last {
        guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else { continue }
        if Array(encoded).withUnsafeBufferPointer({ matcher.matches($0) }) != set.contains(value) { wrong += 1 }
      }
      #expect(wrong == 0, "\(pattern)")
    }
  }

  @Test("Bytes that are no UTF-8 are searched without harm")
  func damaged() throws {
    for pattern in ["\\bé\\b", "日.*本", "[^a]", "\\B", "(?i)k$"] {
      let matcher = try RegularExpression(pattern).makeMatcher()
      for seed in 0..<500 {
        var random = SeededGenerator(seed: UInt64(seed))
        let bytes = (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0x60...0xFF, using: &random)
        }
        bytes.withUnsafeBufferPointer { _ = matcher.matches($0) }
      }
    }
  }
}
