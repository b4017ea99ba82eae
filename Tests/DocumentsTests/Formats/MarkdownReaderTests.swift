import Testing

@testable import Documents

@Suite("Markdown")
struct MarkdownReaderTests {
  private func read(_ text: String) throws -> SourceText {
    try MarkdownReader.read(text, name: "notes/file.md", limit: 1_000_000)
  }

  @Test("Headings of both forms are sections")
  func headings() throws {
    let source = try read("Before\n\n# One #\n\ntext\nmore\n\nTwo\n---\n\ntext\n\n### Three ###x\n#no\n\nFour\n====")
    #expect(source.text == "Before\n\nOne\n\ntext more\n\nTwo\n\ntext\n\nThree ###x\n\n#no\n\nFour")
    #expect(source.sections.map(\.path) == [[], ["One"], ["One", "Two"], ["One", "Two", "Three ###x"], ["Four"]])
    #expect(source.sections.first?.range == 0..<8)
    #expect(source.sections.last?.range.upperBound == source.text.unicodeScalars.count)
    #expect(source.title == "One")
  }

  @Test("Code keeps its lines, and headings in it are none")
  func code() throws {
    let source = try read(
      "# A\n\n```sh\n# comment\n\nls *.md\n```\n\n~~~\n```\n~~~\n\n    # indented\n      more\n\nend")
    #expect(source.text == "A\n\n# comment\n\nls *.md\n\n```\n\n# indented\n  more\n\nend")
    #expect(source.sections.count == 1)
    #expect(try read("```\nnever closed\n# x").text == "never closed\n# x")
  }

  @Test("Items and rows keep their lines")
  func lists() throws {
    #expect(
      try read("* one\n  goes on\n* two\n    * three\n1. four\n\npara").text
        == "- one goes on\n- two\n    - three\n1. four\n\npara")
    #expect(
      try read("a | b\n--|:-:\n*1* | `x\\|y`\n| 2 | |\n\nend").text
        == "a | b\n1 | x|y\n2\n\nend")
    #expect(
      try read("> quoted\n> more\n>\n> # Head\n\n***\nhard  \nbreak").text == "quoted more\n\nHead\n\nhard\nbreak")
  }

  @Test(
    "Marks within lines leave their words",
    arguments: [
      ("*a* **b** ***c*** _d_ __e__ ~~f~~", "a b c d e f"), ("snake_case_name 2 * 3 * 4 5*3 and 6*4", nil),
      ("[words](http://x.y/(z) \"t\") ![alt](i.png)", "words alt"), ("[a [b] c](d)", "a [b] c"),
      ("[ref][x] [X][] [x] [y] [ ] task", "ref X x [y] [ ] task"), ("`*code*` `` a`b ``", "*code* a`b"),
      ("\\*no\\* \\[x\\] \\a", "*no* [x] \\a"),
      ("<https://a.b/c> <b>bold</b> a<br>b 1 < 2", "https://a.b/c bold a\nb 1 < 2"),
      ("AT&amp;T &copy; &#8211; &bogus;", "AT&T © – &bogus;"), ("note[^1] here", "note here"), ("**a*b**", "a*b"),
      ("a <!-- hidden --> b", "a  b"), ("**Note**: x*y*z", "Note: xyz"), ("unclosed *a [b `c <d", nil),
    ] as [(String, String?)])
  func inline(markdown: String, plain: String?) throws {
    let source = try read(markdown + "\n\n[x]: http://example.com 'Title'\n[^1]: What it says.")
    #expect(source.text == (plain ?? markdown) + "\n\nWhat it says.")
  }

  @Test("Front matter gives the title and is no text")
  func frontMatter() throws {
    let source = try read("---\ndate: 2024\ntitle: \"The: title\"\n---\n\n# Head\n\nText")
    #expect(source.title == "The: title")
    #expect(source.text == "Head\n\nText")
    #expect(try read("+++\ntitle = 'T'\n+++\nText").title == "T")
    #expect(try read("---\n\nText\n\n---\n").text == "Text")
  }

  @Test("HTML in Markdown leaves its words")
  func html() throws {
    #expect(
      try read("<div align=\"center\">\n\nwords\n\n</div>\n\n<!-- a\n\n# b\n\n-->\n<script>\nx\n</script>\nend").text
        == "words\n\nend")
  }

  @Test("The title is the first heading, the first short line or the file's name")
  func titles() throws {
    #expect(try read("A first line\n\nmore").title == "A first line")
    #expect(try read(String(repeating: "long ", count: 50)).title == "file")
    #expect(throws: DocumentError.empty(reason: "notes/file.md is empty")) { try read("\n \n") }
  }

  @Test("Countless marks take no time")
  func deep() throws {
    for part in [
      "*a", "[", "](", "`", "<", "<!--", "![", "&", "> ", "_a ", "**", "[a](", "\\", "- ", "|", "``` `", "#", "(((",
      "[a]: ",
    ] {
      let text = "x" + String(repeating: part, count: 100_000)
      for text in [text, text.replacing("a", with: "a\n")] {
        let time = ContinuousClock().measure { _ = try? MarkdownReader.read(text, name: "file.md", limit: 20_000_000) }
        #expect(time < .seconds(20), "\(part)")
      }
    }
  }
}
