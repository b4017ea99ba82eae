import Testing

@testable import Documents

@Suite("PDF", .enabled(if: TestTools.hasPDFToText, TestTools.needsPDFToText))
struct PDFReaderTests {
  private func read(_ bytes: [UInt8], scalars: Int = 1_000_000) async throws(DocumentError) -> SourceText {
    var reader = DocumentReader()
    reader.limits.scalars = scalars
    return try await reader.read(bytes, name: "file.pdf", kind: .pdf)
  }

  @Test("Pages are sections, lines paragraphs, the first line the title")
  func pages() async throws {
    let source = try await read(
      TestPDF.make([
        [
          "A report on bees", "", "Bees dance to tell one another where there are",
          "flowers, and how far away they are.",
        ],
        ["The second page speaks of honey."],
      ]))
    #expect(source.title == "A report on bees")
    #expect(source.pageCount == 2)
    #expect(source.sections.map(\.page) == [1, 2])
    #expect(source.text(in: source.sections[1].range) == "The second page speaks of honey.")
    #expect(source.text.contains("Bees dance to tell one another where there are flowers, and how far away they are."))
  }

  @Test("Words hyphenated at the ends of lines are whole again")
  func hyphens() async throws {
    let source = try await read(
      TestPDF.make([
        ["The photosyn-", "thesis of plants, which is a long story that", "needs more than one line to be told."]
      ]))
    #expect(source.text.contains("The photosynthesis of plants, which is a long story that needs more"))
  }

  @Test("A PDF without text says how many pages of pictures it has")
  func pictures() async {
    await #expect(throws: DocumentError.empty(reason: "no text: the PDF holds 3 pages of pictures; run OCR first")) {
      try await read(TestPDF.make([[], [], []]))
    }
  }

  @Test("An encrypted PDF says that it wants a password")
  func encrypted() async {
    let error = await #expect(throws: DocumentError.self) {
      try await read(TestPDF.make([["Secret"]], encrypted: true))
    }
    guard case .encrypted = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("What is no PDF is called damaged", arguments: ["%PDF-1.4\nnothing", "Hello", "%PDF-"])
  func damaged(text: String) async {
    let error = await #expect(throws: DocumentError.self) { try await read(Array(text.utf8)) }
    guard case .damaged(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.hasPrefix("file.pdf"))
  }

  @Test("Text beyond the limit is refused")
  func limit() async {
    let limit = 100
    let page = (1...40).map { "Line \($0) of a page that says too much." }
    let bytes = TestPDF.make([page])
    let error = await #expect(throws: DocumentError.self) { try await read(bytes, scalars: limit) }
    guard case .tooLarge = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}

@Suite("The lines of PDF pages")
struct PDFTextTests {
  private func source(_ pages: [String]) throws -> SourceText {
    try PDFText.source(pages, name: "file.pdf", limit: 1_000_000)
  }

  @Test("A paragraph that runs over a page break belongs to the page where it begins")
  func pageBreaks() throws {
    let source = try source(["One.\n\nThe sentence goes", "on here.\n\nTwo.", "Three."])
    #expect(source.text == "One.\n\nThe sentence goes on here.\n\nTwo.\n\nThree.")
    #expect(
      source.sections.map { source.text(in: $0.range) } == [
        "One.\n\nThe sentence goes on here.\n\n", "Two.\n\n", "Three.",
      ])
    #expect(source.sections.map(\.page) == [1, 2, 3])
  }

  @Test("Running heads and page numbers are dropped")
  func runningLines() throws {
    let pages = (1...4).map { "Annual report 2024\n\nFirst \($0).\n\nSecond.\n\nThird.\n\nFourth.\n\nPage \($0) of 4" }
    let text = try source(pages).text
    #expect(!text.contains("Annual"))
    #expect(!text.contains("Page"))
    #expect(text.hasPrefix("First 1.\n\nSecond."))
  }

  @Test("Short lines end paragraphs where there are no empty lines")
  func shortLines() throws {
    let full = "a line that is as long as the lines of this page are"
    let page =
      "1. A heading\nHere is \(full)\nand ends.\nNext is \(full)\nNext is \(full)\nwith photo-\ngraphs, and that is all."
    #expect(
      try source([page]).text.split(separator: "\n\n").map { $0.prefix(12) } == [
        "1. A heading", "Here is a li", "Next is a li",
      ])
  }

  @Test("Items keep their lines, Chinese lines join without spaces")
  func lines() throws {
    #expect(try source(["Needed:\n• flour\n• water\nfrom the well"]).text == "Needed:\n• flour\n• water from the well")
    #expect(try source(["春天来了\n花都开了"]).text == "春天来了花都开了")
    #expect(try source(["well-\nKnown Jean-\nPaul"]).text == "well-Known Jean-Paul")
  }
}
