import ChromaTestSupport
import Embeddings
import Testing

@testable import Documents

@Suite("The text around a passage", .enabled(if: TestModel.isThere, TestModel.reason))
struct PassageWindowTests {
  private let tokenizer: WordPieceTokenizer

  init() throws { tokenizer = try TestModel.tokenizer() }

  @Test("It has 400 to 800 pieces, and repeats nothing")
  func joins() throws {
    let sections = (1...4).map { section in
      "## Part \(section)\n\n" + (1...70).map { "Sentence \($0) of part \(section) is here." }.joined(separator: " ")
    }
    let source = try MarkdownReader.read(sections.joined(separator: "\n\n"), name: "x.md", limit: 1_000_000)
    let cutter = PassageCutter(tokenizer: tokenizer)
    let passages = cutter.cut(source)
    #expect(passages.count > 8)
    for index in passages.indices {
      let window = try #require(cutter.window(around: index, in: passages))
      #expect(window.passages.contains(index))
      #expect((400...800).contains(window.pieces))
      #expect(window.pieces == tokenizer.count(window.text))
      #expect(window.text == source.text(in: window.range))
      #expect(window.text.contains(passages[index].text))
    }
  }

  @Test("Short documents are whole, missing passages end it, and what is not there is nil")
  func ends() throws {
    let source = try MarkdownReader.read("# A\n\none\n\n# B\n\ntwo\n\n# C\n\nthree", name: "x.md", limit: 1000)
    let passages = PassageCutter(tokenizer: tokenizer).cut(source)
    #expect(PassageWindow.around(1, in: passages, tokenizer: tokenizer)?.text == source.text)
    let without = [passages[0], passages[2]]
    #expect(PassageWindow.around(1, in: without, tokenizer: tokenizer)?.text == "C\n\nthree")
    #expect(PassageWindow.around(3, in: passages, tokenizer: tokenizer) == nil)
    #expect(PassageWindow.around(0, in: [], tokenizer: tokenizer) == nil)
  }

  @Test("It is the source's text for any text", arguments: 0..<20)
  func anyText(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let source = RandomText.source(using: &generator)
    let cutter = PassageCutter(tokenizer: tokenizer)
    let passages = cutter.cut(source)
    for index in passages.indices {
      let window = try #require(cutter.window(around: index, in: passages))
      #expect(window.pieces <= 800, "seed \(seed)")
      let expected = Array(source.text(in: window.range).unicodeScalars).filter { !$0.properties.isWhitespace }
      let found = Array(window.text.unicodeScalars).filter { !$0.properties.isWhitespace }
      #expect(found == expected, "seed \(seed)")
    }
  }
}
