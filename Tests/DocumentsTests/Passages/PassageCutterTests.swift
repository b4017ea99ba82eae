import ChromaTestSupport
import Embeddings
import Testing

@testable import Documents

@Suite("Cutting into passages", .enabled(if: TestModel.isThere, TestModel.reason))
struct PassageCutterTests {
  private let tokenizer: WordPieceTokenizer

  init() throws { tokenizer = try TestModel.tokenizer() }

  private func markdown(_ text: String) throws -> SourceText {
    try MarkdownReader.read(text, name: "test.md", limit: 20_000_000)
  }

  // MARK: What always holds

  @Test("Passages cover every text in every script, in order, within the limit", arguments: 0..<60)
  func invariants(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let source = RandomText.source(using: &generator)
    let limit = [32, 64, 240, 240].randomElement(using: &generator) ?? 240
    let overlap: Double = [0.0, 0.15, 0.15, 0.4].randomElement(using: &generator) ?? 0.15
    let cutter = PassageCutter(tokenizer: tokenizer, limit: limit, overlap: overlap)
    let passages = cutter.cut(source)
    try check(passages, of: source, limit: limit, "seed \(seed)")
    #expect(cutter.cut(source) == passages, "seed \(seed)")
  }

  private func check(_ passages: [Passage], of source: SourceText, limit: Int, _ comment: Comment) throws {
    let scalars = Array(source.text.unicodeScalars)
    var isCovered = [Bool](repeating: false, count: scalars.count)
    var last = 0..<0
    // One expectation for all, since they are many and each would take its time.
    var broken: [String] = []
    for (index, passage) in passages.enumerated() {
      try #require(passage.range.lowerBound >= 0 && passage.range.upperBound <= scalars.count, comment)
      let holds = [
        "ordinal": passage.ordinal == index,
        "text": passage.text.unicodeScalars.elementsEqual(scalars[passage.range]),
        "pieces": passage.pieces == tokenizer.count(passage.embeddedText),
        "limit": passage.pieces <= limit,
        "heading": tokenizer.count(passage.heading) <= limit / 4 && !passage.heading.contains("\n"),
        "order": passage.range.lowerBound >= last.lowerBound && passage.range.upperBound > last.upperBound,
      ]
      broken += holds.filter { !$0.value }.map { "\($0.key) of passage \(index)" }
      last = passage.range
      for position in passage.range { isCovered[position] = true }
    }
    #expect(broken == [], comment)
    let missing = scalars.indices.filter { !isCovered[$0] && !scalars[$0].properties.isWhitespace }
    #expect(missing.isEmpty, comment)
  }

  @Test("What is not text is no passage", arguments: ["", " ", "\n\n\t \u{2003}\n"])
  func nothing(text: String) {
    let source = SourceText(title: "Title", text: text, sections: [])
    #expect(PassageCutter(tokenizer: tokenizer).cut(source).isEmpty)
  }

  @Test("Sections that are wrong lose nothing")
  func wrongSections() throws {
    let text = "One two three.\n\nFour five six.\n\nSeven."
    let sections: [SourceText.Section] = [
      .init(path: ["B"], range: 16..<90), .init(path: ["A"], range: -5..<3), .init(path: ["C"], range: 900..<1000),
    ]
    let source = SourceText(title: "", text: text, sections: sections)
    try check(PassageCutter(tokenizer: tokenizer).cut(source), of: source, limit: 240, "wrong sections")
  }

  // MARK: Structure

  @Test("A short section is one passage under its headings")
  func shortSections() throws {
    let source = try markdown(
      "# Ants\n\nBefore.\n\n## Trails\n\nAn ant walks.\n\nIt finds food.\n\n## Queens\n\nOne lived long.")
    let passages = PassageCutter(tokenizer: tokenizer).cut(source)
    #expect(
      passages.map(\.text) == [
        "Ants\n\nBefore.", "Trails\n\nAn ant walks.\n\nIt finds food.", "Queens\n\nOne lived long.",
      ])
    #expect(passages.map(\.heading) == ["Ants", "Ants › Trails", "Ants › Queens"])
    #expect(passages.map(\.section) == [["Ants"], ["Ants", "Trails"], ["Ants", "Queens"]])
    #expect(passages[0].embeddedText == "Ants\n\nBefore.")
    #expect(passages[1].embeddedText == "Ants\nTrails\n\nAn ant walks.\n\nIt finds food.")
  }

  @Test("Text that begins with its heading's words, but not its line, keeps the heading line")
  func headingWords() throws {
    let passage = Passage(
      ordinal: 1, text: "Trails fade.", range: 0..<12, section: ["Ants", "Trails"], page: nil, heading: "Ants › Trails",
      pieces: 6)
    #expect(passage.embeddedText == "Ants › Trails\nTrails fade.")
  }

  @Test("A heading with nothing under it goes to the section below it, if there is one")
  func bareHeadings() throws {
    let source = try markdown("# Book\n\n## Part\n\n### Chapter\n\nText.\n\n## Empty\n\n## Next\n\nMore.\n\n## Last")
    let passages = PassageCutter(tokenizer: tokenizer).cut(source)
    #expect(passages.map(\.text) == ["Book\n\nPart\n\nChapter\n\nText.", "Empty", "Next\n\nMore.", "Last"])
    #expect(passages[0].section == ["Book", "Part", "Chapter"])
  }

  @Test("No passage holds words of two sections")
  func sectionsApart() throws {
    let body = (1...30).map { "The number \($0) stands in this sentence of the text." }.joined(separator: " ")
    let source = try markdown((1...5).map { "# Heading \($0)\n\n\(body)" }.joined(separator: "\n\n"))
    for passage in PassageCutter(tokenizer: tokenizer).cut(source) {
      let inside = source.sections.filter { $0.range.overlaps(passage.range) }
      #expect(inside.count == 1)
      #expect(inside.first?.path == passage.section)
    }
  }

  @Test("Paragraphs that fit stay whole")
  func wholeParagraphs() throws {
    let paragraphs = (1...12).map { number in
      (1...(number % 4 + 3)).map { "Paragraph \(number) says its sentence \($0) in quite a few words, as usual." }
        .joined(separator: " ")
    }
    let source = try markdown(paragraphs.joined(separator: "\n\n"))
    let passages = PassageCutter(tokenizer: tokenizer).cut(source)
    #expect(passages.count > 3)
    for paragraph in paragraphs {
      #expect(passages.contains { $0.text.contains(paragraph) }, "\(paragraph.prefix(20)) is torn")
    }
  }

  @Test("A long paragraph is cut at sentences, and neighbours share about 15 % in whole sentences")
  func sentences() throws {
    let sentences = (1...120).map { "Sentence \($0) tells of the sea." }
    let source = try markdown("# Sea\n\n" + sentences.joined(separator: " "))
    let passages = PassageCutter(tokenizer: tokenizer).cut(source)
    #expect(passages.count >= 3)
    for passage in passages {
      #expect(passage.text.hasSuffix("."))
      #expect(passage.text.hasPrefix("Sea") || passage.text.hasPrefix("Sentence"))
    }
    for (a, b) in zip(passages, passages.dropFirst()) {
      let shared = tokenizer.count(source.text(in: b.range.lowerBound..<a.range.upperBound))
      #expect((18...54).contains(shared), "\(shared) pieces")
    }
  }

  @Test("A heading that nothing marks, and words that announce a list, stay with what follows")
  func announcements() throws {
    let body = (1...9).map { "Here is sentence \($0) of a paragraph with some words in it." }.joined(separator: " ")
    let paragraphs = (1...12).map { "\($0). Part about water\n\n\(body)\n\nYou need:\n\n- this\n- that" }
    let source = SourceText(title: "T", text: paragraphs.joined(separator: "\n\n"), sections: [])
    for passage in PassageCutter(tokenizer: tokenizer).cut(source) {
      #expect(!passage.text.hasSuffix("water") && !passage.text.hasSuffix(":"))
    }
  }

  @Test("Short lines in a row, as in a poem, part anywhere between them")
  func poem() throws {
    let lines = (1...200).map { "Line number \($0) of the poem" }
    let source = SourceText(title: "T", text: lines.joined(separator: "\n\n"), sections: [])
    for passage in PassageCutter(tokenizer: tokenizer).cut(source) {
      #expect(passage.text.hasPrefix("Line") && passage.text.hasSuffix("poem"))
    }
  }

  @Test("A megabyte of any kind is cut in linear time")
  func linear() throws {
    for part in ["The bees dance. ", "春天来了花都开了。", "abcdefghij", "QWxh+/", ". ", "\u{200D}", "a\n\n", "A."] {
      let text = String(repeating: part, count: 1_000_000 / part.utf8.count)
      let source = SourceText(title: "T", text: text, sections: [])
      // In a debug build, on a machine with other work: what is quadratic takes hours.
      let time = ContinuousClock().measure { _ = PassageCutter(tokenizer: tokenizer).cut(source) }
      #expect(time < .seconds(60), "\(part)")
    }
  }

  @Test("Words part where no sentence ends; a giant word parts too")
  func wordsAndFragments() throws {
    let words = (1...2000).map { "word\($0)" }.joined(separator: " ")
    for passage in PassageCutter(tokenizer: tokenizer).cut(try markdown(words)) {
      let parts = passage.text.split(separator: " ")
      #expect(parts.allSatisfy { $0.hasPrefix("word") })
      #expect(parts.dropFirst().first.map { words.contains(" \($0) ") } == true)
    }
    let giant = String(repeating: "abcdefghij", count: 2000)
    #expect(PassageCutter(tokenizer: tokenizer).cut(try markdown(giant)).allSatisfy { $0.text.count < 5000 })
    let chinese = String(repeating: "春天来了花都开了", count: 500)
    let passages = PassageCutter(tokenizer: tokenizer).cut(try markdown(chinese))
    #expect(passages.dropLast().allSatisfy { $0.pieces > 200 })
  }

  @Test("A long title and heading leave three quarters of the passage to the text")
  func longHeading() throws {
    let long = (1...200).map { "heading\($0)" }.joined(separator: " ")
    let source = SourceText(
      title: "A short title", text: "Text here.", sections: [.init(path: ["Part", "Chapter", long], range: 0..<10)])
    let passage = try #require(PassageCutter(tokenizer: tokenizer).cut(source).first)
    #expect(passage.heading.hasPrefix("A short title › … › heading1"))
    #expect(tokenizer.count(passage.heading) <= 60)
    #expect(tokenizer.count(passage.heading) > 40)
  }

  // MARK: What is embedded

  @Test("A fact that stands last in its passage is in what the model sees")
  func lastFact() throws {
    let filler = (1...90).map { "Line \($0) of the log says that nothing happened at all today." }.joined(
      separator: " ")
    let source = try markdown("# A diary with a fairly long title\n\n\(filler)\n\nThe key lies under the blue stone.")
    let passages = PassageCutter(tokenizer: tokenizer).cut(source)
    let last = try #require(passages.last)
    #expect(last.text.hasSuffix("blue stone."))
    for passage in passages {
      let ids = tokenizer.encode(passage.embeddedText, limit: 256)
      #expect(ids.count == passage.pieces + 2)
      #expect(ids.dropFirst().dropLast().elementsEqual(tokenizer.pieces(passage.embeddedText).map(\.id)))
    }
  }
}
