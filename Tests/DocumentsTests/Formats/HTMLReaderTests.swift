import Testing

@testable import Documents

@Suite("HTML")
struct HTMLReaderTests {
  private func read(_ html: String) throws -> SourceText {
    try HTMLReader.read(html, name: "page.html", limit: 1_000_000)
  }

  @Test("Headings are sections, the title is the title, what is no text is dropped")
  func structure() throws {
    let source = try read(
      """
      <!DOCTYPE html><html><head><title>Bees &amp; ants</title><style>p { color: red }</style>
      <script>if (a < b) document.write("<p>no</p>")</script></head>
      <body><nav><ul><li><a href="/">Home</a></li></ul></nav>
      <h1>Bees</h1><p>They <b>dance</b>,
        and <i>fly</i>.<p>Second<br>line.
      <!-- <p>not this</p> --><h2><a href="#x">Honey</a></h2><template><p>nor this</p></template>
      <div><div>Sweet.</div></div></body></html>
      """)
    #expect(source.title == "Bees & ants")
    #expect(source.text == "Bees\n\nThey dance, and fly.\n\nSecond\nline.\n\nHoney\n\nSweet.")
    #expect(source.sections.map(\.path) == [["Bees"], ["Bees", "Honey"]])
  }

  @Test("A page that marks its main text has only that")
  func mainText() throws {
    let source = try read("<title>T</title><ul><li>Theme</ul>Help<main><h1>A</h1><p>Text</main><div>Legal</div>")
    #expect(source.text == "A\n\nText")
    #expect(source.title == "T")
    #expect(try read("<main></main><p>Text").text == "Text")
  }

  @Test("Lists and tables have a line for each item and row, preformatted text all of its lines")
  func lines() throws {
    #expect(try read("<ul><li>one<li><p>two</p></li><li></li></ul>after").text == "- one\n- two\n\nafter")
    #expect(try read("<ol><li>x<ul><li>y</ul><li>z</ol>end").text == "- x\n  - y\n- z\n\nend")
    #expect(try read("<table><tr><td><p>a</p><td><div>b</div></table><p>c</p><p>d").text == "a | b\n\nc\n\nd")
    #expect(
      try read("<table><tr><th>Step</th><th>Time</th></tr><tr><td>Bake</td><td>40 min</td></tr></table>").text
        == "Step | Time\nBake | 40 min")
    #expect(try read("<pre>let a = 1\n\n  a &lt; 2</pre><p>b   c</p>").text == "let a = 1\n\n  a < 2\n\nb c")
  }

  @Test(
    "References become characters",
    arguments: [
      ("&eacute;&Eacute;&nbsp;&euro;&hellip;", "éÉ €…"), ("&#233;&#xE9;&#x1F600;", "éé😀"),
      ("&#150;&#0;", "–\u{FFFD}"),
      ("&amp;lt; &copy 2024 &notanentity; &", "&lt; © 2024 &notanentity; &"), ("AT&T R&D;", "AT&T R&D;"),
      ("&#x110000;&#xD800;", "\u{FFFD}\u{FFFD}"), ("&rarr;&le;&alpha;&Omega;&rsquo;", "→≤αΩ’"),
    ])
  func references(html: String, text: String) throws {
    #expect(try read("<p>x\(html)</p>").text == "x" + text)
  }

  @Test("Pages that are not well formed are read to their end")
  func tolerance() throws {
    #expect(try read("a < b and <b>c").text == "a < b and c")
    #expect(try read("<p title=\"never closed>one</p><p>two").text == "one\n\ntwo")
    #expect(try read("<h1>Never closed<p>Text").text == "Never closed\n\nText")
    #expect(
      try read("<h1><p>In it</p></h1><h2><div>And <b>in</b> it</div></h2>Text").sections.map(\.path.count) == [1, 2])
    #expect(try read("x<title>Never closed<p>Text").text.hasPrefix("x"))
    #expect(try read("<!-- never closed <p>Text").text.contains("Text"))
    #expect(try read("<img alt='a > b' src=x>Text</ p></>").text.hasPrefix("Text"))
    #expect(try read("<nav><p>All in the menu").text == "All in the menu")
    #expect(try read("before<script>never closed <p>x").text == "before")
  }

  @Test("A page that only scripts fill says so")
  func empty() {
    #expect(throws: DocumentError.empty(reason: "page.html shows no text: it may be made by scripts when it is opened"))
    {
      try read("<html><body><div id=app></div><script>run()</script></body></html>")
    }
  }

  @Test("Countless open elements, quotes, comments or references take no time and no stack")
  func deep() throws {
    for part in [
      "<div>", "<ul><li>", "<svg>", "<a \"", "<!--", "&", "<title>", "<", "</", "<p><b", "<a b='", "<pre>", "<h1>",
    ] {
      let html = "x" + String(repeating: part, count: 100_000)
      let clock = ContinuousClock()
      let time = clock.measure { _ = try? HTMLReader.read(html, name: "page.html", limit: 20_000_000) }
      #expect(time < .seconds(20), "\(part)")
    }
  }

  @Test(
    "A page's charset is that of its mark, its sender, its markup",
    arguments: [
      ("windows-1252", [0x93, 0x68, 0xE9, 0x94] as [UInt8], "“hé”"), ("iso-8859-1", [0x80], "€"),
      ("shift_jis", [0x82, 0xA0], "あ"), ("windows-1251", [0xCF], "П"), ("utf-8", [0xC3, 0xA9], "é"),
      ("utf-16", [0xC3, 0xA9], "é"), ("nonsense", [0xC3, 0xA9], "é"), ("nonsense", [0xE9], "é"),
    ])
  func charsets(name: String, bytes: [UInt8], text: String) async throws {
    for declaration in [
      "<meta charset=\"\(name)\">", "<meta http-equiv=Content-Type content='text/html; charset=\(name)'>",
    ] {
      let page = Array("<html><head>\(declaration)</head><p>".utf8) + bytes
      #expect(try await DocumentReader().read(page, name: "page.html", kind: .html).text == text)
    }
    let page = Array("<p>".utf8) + bytes
    let source = try await DocumentReader().read(
      page, name: "page.html", kind: .html, contentType: "text/html; charset=\(name)")
    #expect(source.text == text)
  }
}
