/// Makes paragraphs of the lines of a PDF's pages.
///
/// Lines are joined, words hyphenated at their ends put together, running heads and page numbers dropped. A paragraph
/// that goes on behind a page break belongs to the page where it begins.
enum PDFText {
  static func source(_ pages: [String], name: String, limit: Int) throws(DocumentError) -> SourceText {
    let count = pages.count
    let repeated = runningLines(pages)
    var builder = SourceTextBuilder(limit: limit)
    var pending: [String] = []
    for (index, page) in pages.enumerated() {
      var paragraphs = paragraphs(of: page, without: repeated)
      if let open = pending.last, let first = paragraphs.first, goesOn(open, with: first) {
        join(&pending[pending.count - 1], first)
        paragraphs.removeFirst()
        // A page that is all one paragraph leaves it open.
        if paragraphs.isEmpty { continue }
      }
      for paragraph in pending { try builder.addParagraph(paragraph) }
      if !paragraphs.isEmpty { try builder.addPage(index + 1) }
      pending = paragraphs
    }
    for paragraph in pending { try builder.addParagraph(paragraph) }
    let reason =
      count == 0
      ? "\(name) holds no pages"
      : "no text: the PDF holds \(count) \(count == 1 ? "page" : "pages") of pictures; run OCR first"
    return try builder.finish(name: name, pageCount: count, emptyReason: reason)
  }

  // MARK: Paragraphs

  private static func paragraphs(of page: String, without repeated: Set<String>) -> [String] {
    var lines = page.lines().map { $0.trimmed() }[...]
    // Heads and feet only: the same words further in are text.
    func isRunning(_ line: Substring) -> Bool { line.isEmpty || isPageNumber(line) || repeated.contains(pattern(line)) }
    for _ in 0..<2 {
      if let index = lines.firstIndex(where: { !$0.isEmpty }), isRunning(lines[index]) { lines = lines[(index + 1)...] }
      if let index = lines.lastIndex(where: { !$0.isEmpty }), isRunning(lines[index]) { lines = lines[..<index] }
    }
    let full = fullLength(lines)
    var paragraphs: [String] = []
    var isOpen = false
    var last: Substring = ""
    for line in lines {
      defer { last = line }
      guard !line.isEmpty else {
        isOpen = false
        continue
      }
      if isOpen, !endsParagraph(last, before: line, full: full) {
        if SentenceSplitter.startsItem(Array(line.unicodeScalars.prefix(8))[...]) {
          paragraphs[paragraphs.count - 1] += "\n" + line
        } else {
          join(&paragraphs[paragraphs.count - 1], String(line))
        }
      } else {
        paragraphs.append(String(line))
      }
      isOpen = true
    }
    return paragraphs
  }

  /// What most lines of the page's running text come near to, in bytes.
  private static func fullLength(_ lines: ArraySlice<Substring>) -> Int {
    let lengths = lines.map(\.utf8.count).filter { $0 > 0 }.sorted()
    return lengths.isEmpty ? 0 : lengths[lengths.count * 4 / 5]
  }

  /// Whether a line much shorter than the others is a paragraph's last, or a heading: pages often have no empty lines.
  private static func endsParagraph(_ line: Substring, before next: Substring, full: Int) -> Bool {
    guard full >= 40, line.utf8.count * 4 < full * 3, let last = line.unicodeScalars.last,
      let first = next.unicodeScalars.first
    else { return false }
    if last == "-" || last == "\u{AD}" || last == "," || first.properties.isLowercase { return false }
    return ".!?:。！？".unicodeScalars.contains(last) || first.properties.isUppercase || first.isASCIIDigit
  }

  /// Whether a page's last paragraph goes on with the next page's first.
  private static func goesOn(_ open: String, with next: String) -> Bool {
    guard let last = open.unicodeScalars.last, let first = next.unicodeScalars.first else { return false }
    if last == "-" || last == "\u{AD}" || last == "," { return first.properties.isLowercase }
    return !".!?:;。！？\"”".unicodeScalars.contains(last) && first.properties.isLowercase
  }

  /// Appends the line behind a space, or without one where a word was hyphenated.
  private static func join(_ text: inout String, _ line: String) {
    guard let last = text.unicodeScalars.last, let next = line.unicodeScalars.first else { return text += line }
    if last == "-" || last == "\u{AD}" || last == "\u{2010}" {
      let before = text.unicodeScalars.dropLast().last
      if before?.properties.isAlphabetic == true, next.properties.isLowercase {
        text.unicodeScalars.removeLast()
        return text += line
      }
      if before?.isWhiteSpace == false { return text += line }
    }
    // Chinese and Japanese lines break anywhere.
    let isIdeographic = last.properties.isIdeographic && next.properties.isIdeographic
    text += (isIdeographic ? "" : " ") + line
  }

  // MARK: Heads and feet

  /// Patterns of the outermost lines, page numbers apart, that at least half of the pages, and three, share.
  private static func runningLines(_ pages: [String]) -> Set<String> {
    guard pages.count >= 3 else { return [] }
    var counts: [String: Int] = [:]
    for page in pages {
      let lines = page.lines().map { $0.trimmed() }.filter { !$0.isEmpty && !isPageNumber($0) }
      // A page of a few lines has neither.
      guard lines.count > 4, let first = lines.first, let last = lines.last else { continue }
      for pattern in Set([pattern(first), pattern(last)]) { counts[pattern, default: 0] += 1 }
    }
    return Set(counts.filter { $0.value >= 3 && $0.value * 2 >= pages.count }.keys)
  }

  /// The line with every number as one.
  private static func pattern(_ line: Substring) -> String {
    var pattern = ""
    for scalar in line.unicodeScalars.prefix(200) {
      if !scalar.isASCIIDigit { pattern.unicodeScalars.append(scalar) } else if pattern.last != "0" { pattern += "0" }
    }
    return pattern
  }

  /// `12`, `- 12 -`, `Page 3 of 10`, `xii`.
  private static func isPageNumber(_ line: Substring) -> Bool {
    guard line.utf8.count <= 24 else { return false }
    let words = line.lowercased().split { !$0.isLetter && !$0.isNumber }
    guard !words.isEmpty, words.count <= 4 else { return false }
    let isRoman = words.count == 1 && words[0].count > 1 && words[0].allSatisfy { "ivxl".contains($0) }
    return isRoman
      || words.contains { $0.allSatisfy(\.isNumber) && $0.count <= 5 }
        && words.allSatisfy { $0.allSatisfy(\.isNumber) || ["page", "p", "of", "seite", "von", "sur"].contains($0) }
  }
}
