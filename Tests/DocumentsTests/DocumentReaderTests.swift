import ChromaTestSupport
import Foundation
import Testing

@testable import Documents

@Suite("Reading files")
struct DocumentReaderTests {
  @Test("A kind is told by the extension, else by the media type")
  func kinds() {
    #expect(FileKind(fileName: "a/b.c/Notes.MD") == .markdown)
    #expect(FileKind(fileName: "x.tar.htm") == .html)
    #expect(FileKind(fileName: "C:\\docs\\x.TXT") == .text)
    #expect(FileKind(fileName: "x.pdf", contentType: "text/plain") == .pdf)
    #expect(FileKind(fileName: "page", contentType: "Text/HTML; charset=utf-8") == .html)
    #expect(FileKind(fileName: "page.php", contentType: "text/html") == .html)
    for name in ["", ".pdf", "pdf", "x.", "x.doc", "x.png", "/"] { #expect(FileKind(fileName: name) == nil, "\(name)") }
    #expect(FileKind(fileName: "x", contentType: "image/png") == nil)
  }

  @Test(
    "Text is decoded by its mark, its sender's word or its looks",
    arguments: [
      ([0xEF, 0xBB, 0xBF, 0x68, 0xC3, 0xA9], nil, "hé"), ([0xFF, 0xFE, 0x68, 0, 0xE9, 0], nil, "hé"),
      ([0xFE, 0xFF, 0, 0x68, 0, 0xE9], nil, "hé"), ([0x68, 0xE9, 0x80], nil, "hé€"),
      ([0x68, 0xC3, 0xA9], "iso-8859-1", "hé"), ([0x68, 0xE9], "text/plain", "hé"),
      (Array("abcdefgh".utf8.flatMap { [$0, 0] }), nil, "abcdefgh"),
      (Array("abcdefgh".utf8.flatMap { [0, $0] }), nil, "abcdefgh"),
      (Array("a\r\nb\rc\nd\u{85}e\u{FEFF}f\u{1}g".utf8), nil, "a\nb\nc\nd\nefg"),
      (Array("ééééééééé".utf8) + [0xE9], nil, "ééééééééé\u{FFFD}"), ([0x82, 0xA0], "Shift_JIS", "あ"),
    ] as [([UInt8], String?, String)])
  func decoding(bytes: [UInt8], charset: String?, text: String) async throws {
    let type = charset.map { "text/plain; charset=\"\($0)\"" }
    let source = try await DocumentReader().read(bytes, name: "x.txt", kind: .text, contentType: type)
    #expect(source.text == text)
  }

  @Test("Plain text stays as it is, with underlined headings")
  func plainText() async throws {
    let text = "Title\n=====\n\nOne line\nand another.\n\n\n  indented\n\nPart\n----\n\nThe end.\n-- \nme"
    let source = try await DocumentReader().read(Data(text.utf8), name: "x.txt", kind: .text)
    #expect(source.title == "Title")
    #expect(source.text == "Title\n\nOne line\nand another.\n\nindented\n\nPart\n\nThe end.\n-- \nme")
    #expect(source.sections.map(\.path) == [["Title"], ["Title", "Part"]])
  }

  @Test("What is no text says what it is")
  func binary() async {
    for (bytes, words) in [
      (TestPDF.make([["x"]]), "a PDF"), (TestZIP.make([("a", "b")]), "a ZIP archive"),
      ([UInt8](repeating: 0, count: 100), "no text"), (Array(0...255), "no text"),
      ((0..<1000).map { UInt8($0 % 31 + 1) }, "no text"),
    ] {
      for kind in [FileKind.text, .markdown, .html] {
        let error = await #expect(throws: DocumentError.self) {
          try await DocumentReader().read(bytes, name: "junk.txt", kind: kind)
        }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
      }
    }
  }

  @Test("Limits are named when they are exceeded")
  func limits() async {
    func read(_ text: String, _ kind: FileKind, bytes: Int, scalars: Int) async throws(DocumentError) -> SourceText {
      var limits = DocumentReader.Limits()
      (limits.bytes, limits.scalars) = (bytes, scalars)
      return try await DocumentReader(limits: limits).read(Array(text.utf8), name: "x.txt", kind: kind)
    }
    await #expect(throws: DocumentError.tooLarge(what: "x.txt", limit: 10, unit: "bytes")) {
      try await read("eleven bytes", .text, bytes: 10, scalars: 1000)
    }
    for kind in [FileKind.text, .markdown, .html] {
      await #expect(throws: DocumentError.tooLarge(what: "the file's text", limit: 10, unit: "characters")) {
        try await read("eleven characters", kind, bytes: 1000, scalars: 10)
      }
    }
    for kind in FileKind.allCases {
      await #expect(throws: DocumentError.empty(reason: "x is empty")) {
        try await DocumentReader().read([], name: "x", kind: kind)
      }
    }
  }

  @Test("A program that is not there is named with how to get it")
  func missingTools() async {
    let reader = DocumentReader(searchPath: "/nowhere:relative:")
    for (bytes, kind, words) in [
      (TestPDF.make([["x"]]), FileKind.pdf, "pdftotext is not installed here: install poppler-utils"),
      (TestZIP.docx(""), .docx, "unzip is not installed here: install unzip"),
    ] {
      let error = await #expect(throws: DocumentError.self) { try await reader.read(bytes, name: "x", kind: kind) }
      #expect(error?.description.hasPrefix(words) == true)
    }
  }

  // MARK: Any bytes

  @Test("No bytes trap a reader, and what is read can be cut", arguments: FileKind.allCases)
  func anyBytes(kind: FileKind) async throws {
    let seeds = try samples(kind)
    // Programs start for each of these.
    let rounds = kind == .pdf || kind == .docx ? 25 : 300
    for seed in 0..<rounds {
      var generator = SeededGenerator(seed: UInt64(seed))
      let sample = seeds.randomElement(using: &generator) ?? []
      let bytes = mutated(sample, using: &generator)
      do {
        let source = try await DocumentReader().read(bytes, name: "fuzz", kind: kind)
        let count = source.text.unicodeScalars.count
        #expect(!source.text.isBlank && !source.title.isEmpty, "seed \(seed)")
        #expect(source.sections.first?.range.lowerBound == 0, "seed \(seed)")
        #expect(source.sections.last?.range.upperBound == count, "seed \(seed)")
        #expect(
          zip(source.sections, source.sections.dropFirst()).allSatisfy { $0.range.upperBound == $1.range.lowerBound })
        guard TestModel.isThere, seed % 10 == 0 else { continue }
        let passages = PassageCutter(tokenizer: try TestModel.tokenizer()).cut(source)
        #expect(!passages.isEmpty && passages.allSatisfy { $0.pieces <= 240 }, "seed \(seed)")
      } catch let error as DocumentError {
        #expect(!error.description.isEmpty, "seed \(seed)")
      }
    }
  }

  private func samples(_ kind: FileKind) throws -> [[UInt8]] {
    switch kind {
    case .markdown, .text:
      [
        "---\ntitle: x\n---\n# A *b*\n\n- [l](u)\n- `c`\n\n|a|b|\n|-|-|\n|1|2|\n\n```\nx\n```\n<!-- c -->\nB\n===\n> q &amp; 春。"
      ]
      .map { Array($0.utf8) }
    case .html:
      [
        "<!doctype html><meta charset=utf-8><title>T</title><nav>n</nav><h1>A</h1><p a='b'>x&eacute;<br><table><tr><td>1<td>2"
          + "</table><ul><li>i<pre>p</pre><script>s</script><!-- c --><h2>B</h2>end"
      ].map { Array($0.utf8) }
    case .pdf: [TestPDF.make([["One", "", "Two-", "three"], ["Four"]])]
    case .docx:
      [
        TestZIP.docx(
          "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>A</w:t></w:r></w:p><w:p><w:t>x</w:t></w:p>")
      ]
    }
  }

  /// Bytes changed, taken out, repeated, cut off; or nothing but chance.
  private func mutated(_ sample: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var bytes = sample
    if Int.random(in: 0..<10, using: &generator) == 0 {
      return (0..<Int.random(in: 0...300, using: &generator)).map { _ in .random(in: 0...255, using: &generator) }
    }
    for _ in 0..<Int.random(in: 1...12, using: &generator) {
      guard !bytes.isEmpty else { break }
      let position = Int.random(in: 0..<bytes.count, using: &generator)
      let end = min(bytes.count, position + Int.random(in: 1...20, using: &generator))
      switch Int.random(in: 0...4, using: &generator) {
      case 0: bytes[position] = .random(in: 0...255, using: &generator)
      case 1: bytes.removeSubrange(position..<end)
      case 2: bytes.insert(contentsOf: bytes[position..<end], at: Int.random(in: 0...bytes.count, using: &generator))
      case 3: bytes[position] = Array("<>&`*_[]()#\n\"'-|\\".utf8).randomElement(using: &generator) ?? 0
      default: if Int.random(in: 0...5, using: &generator) == 0 { bytes.removeSubrange(position...) }
      }
    }
    return bytes
  }
}
