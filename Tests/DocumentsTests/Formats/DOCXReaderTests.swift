import Testing

@testable import Documents

@Suite("DOCX", .enabled(if: TestTools.hasUnzip, TestTools.needsUnzip))
struct DOCXReaderTests {
  private func read(_ bytes: [UInt8], scalars: Int = 1_000_000) async throws(DocumentError) -> SourceText {
    var reader = DocumentReader()
    reader.limits.scalars = scalars
    return try await reader.read(bytes, name: "letter.docx", kind: .docx)
  }

  private func paragraph(_ text: String, style: String? = nil, properties: String = "") -> String {
    let style = style.map { "<w:pStyle w:val=\"\($0)\"/>" } ?? ""
    return "<w:p><w:pPr>\(style)\(properties)</w:pPr><w:r><w:t xml:space=\"preserve\">\(text)</w:t></w:r></w:p>"
  }

  @Test("Titles, headings, lists and tables become text with sections")
  func structure() async throws {
    let item = "<w:numPr><w:ilvl w:val=\"0\"/></w:numPr>"
    let row = { (cells: [String]) in
      "<w:tr>" + cells.map { "<w:tc>\(self.paragraph($0))</w:tc>" }.joined() + "</w:tr>"
    }
    let source = try await read(
      TestZIP.docx(
        paragraph("Bread", style: "Title") + paragraph("Needed", style: "Heading1")
          + paragraph("flour &amp; water", properties: item) + paragraph("salt", properties: item)
          + paragraph("Times", style: "Heading2") + "<w:tbl>\(row(["Step", "Minutes"]))\(row(["Bake", "40"]))</w:tbl>"
          + "<w:p><w:r><w:t>Two</w:t><w:tab/><w:t>words</w:t><w:br/><w:t>a line</w:t></w:r></w:p>"))
    #expect(source.title == "Bread")
    #expect(
      source.text
        == "Bread\n\nNeeded\n\n- flour & water\n- salt\n\nTimes\n\nStep | Minutes\nBake | 40\n\nTwo\twords\na line")
    #expect(source.sections.map(\.path) == [["Bread"], ["Bread", "Needed"], ["Bread", "Needed", "Times"]])
  }

  @Test("Headings are known in any language of Word, and by their base")
  func styles() async throws {
    let styles =
      "<w:style w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>"
      + "<w:style w:styleId=\"Eigene\"><w:name w:val=\"Eigene\"/><w:basedOn w:val=\"berschrift1\"/></w:style>"
      + "<w:style w:styleId=\"Kreis\"><w:basedOn w:val=\"Kreis\"/></w:style>"
    let source = try await read(
      TestZIP.docx(
        paragraph("Eins", style: "berschrift1") + paragraph("Text", style: "Kreis")
          + paragraph("Zwei", style: "Eigene"),
        styles: styles))
    #expect(source.sections.map(\.path) == [["Eins"], ["Zwei"]])
  }

  @Test("Deleted text, field instructions and fallbacks are left out; text boxes stay")
  func leftOut() async throws {
    let source = try await read(
      TestZIP.docx(
        "<w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>PAGE"
          + "</w:instrText></w:r></w:p><w:p><mc:AlternateContent><mc:Choice><w:txbxContent>\(paragraph("Box"))"
          + "</w:txbxContent></mc:Choice><mc:Fallback>\(paragraph("Box"))</mc:Fallback></mc:AlternateContent></w:p>"))
    #expect(source.text == "Kept\n\nBox")
  }

  @Test(
    "What is no DOCX says so", arguments: [TestZIP.make([("a.txt", "x")]), Array("PK nothing".utf8), Array("Hi".utf8)])
  func damaged(bytes: [UInt8]) async {
    let error = await #expect(throws: DocumentError.self) { try await read(bytes) }
    guard case .damaged(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.hasPrefix("letter.docx"))
  }

  @Test("An archive that unpacks to more than a text may have is refused")
  func bomb() async {
    let limit = 1000
    let bytes = TestZIP.docx(paragraph(String(repeating: "bomb ", count: 100_000)))
    let error = await #expect(throws: DocumentError.self) { try await read(bytes, scalars: limit) }
    guard case .tooLarge = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("Empty documents and Word files of old say what they are")
  func others() async {
    await #expect(throws: DocumentError.empty(reason: "letter.docx holds no text")) { try await read(TestZIP.docx("")) }
    let error = await #expect(throws: DocumentError.self) {
      try await read([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0])
    }
    #expect(error?.description.contains("before 2007") == true)
  }
}
