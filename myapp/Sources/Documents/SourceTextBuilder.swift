/// Puts a ``SourceText`` together from headings and paragraphs in their order.
struct SourceTextBuilder {
  private let limit: Int
  private(set) var text = ""
  private(set) var count = 0
  private var sections: [SourceText.Section] = []
  private var headings: [(level: Int, text: String)] = []
  private var firstHeading: String?
  private var firstBlock: String?
  /// What the file says it is called, for example in its head.
  var title: String?

  /// - Parameter limit: scalars the text may have.
  init(limit: Int) { self.limit = limit }

  /// Begins a section, with the heading as its first paragraph. Level 1 is the outermost.
  mutating func addHeading(_ heading: String, level: Int) throws(DocumentError) {
    let heading = heading.collapsingWhiteSpace()
    guard !heading.isEmpty else { return }
    while let last = headings.last, last.level >= level { headings.removeLast() }
    headings.append((level, heading))
    if firstHeading == nil { firstHeading = heading }
    try addSeparator()
    sections.append(.init(path: headings.map(\.text), range: count..<count))
    try append(heading)
  }

  /// Begins the section of a page.
  mutating func addPage(_ page: Int) throws(DocumentError) {
    try addSeparator()
    sections.append(.init(path: [], range: count..<count, page: page))
  }

  /// Adds a paragraph; white space around it is dropped, and an empty one is nothing.
  mutating func addParagraph(_ paragraph: String) throws(DocumentError) {
    let paragraph = paragraph.trimmingWhiteSpace()
    guard !paragraph.isEmpty else { return }
    if firstBlock == nil { firstBlock = paragraph }
    try addSeparator()
    if sections.isEmpty { sections.append(.init(path: [], range: 0..<0)) }
    try append(paragraph)
  }

  /// - Throws: `.empty` with `emptyReason` when there is nothing but white space.
  consuming func finish(
    name: String, pageCount: Int? = nil, emptyReason: String
  ) throws(DocumentError) -> SourceText {
    guard firstBlock != nil || firstHeading != nil else { throw .empty(reason: emptyReason) }
    for index in sections.indices {
      let end = index + 1 < sections.count ? sections[index + 1].range.lowerBound : count
      sections[index].range = sections[index].range.lowerBound..<end
    }
    return SourceText(title: resolvedTitle(name: name), text: text, sections: sections, pageCount: pageCount)
  }

  private func resolvedTitle(name: String) -> String {
    for candidate in [title, firstHeading].compactMap({ $0?.collapsingWhiteSpace() }) where !candidate.isEmpty {
      return String(candidate.prefix(300))
    }
    // A first line that is a sentence of a paragraph is no title.
    if let line = firstBlock?.prefix(while: { $0 != "\n" }), line.count <= 120 { return String(line) }
    let base = name.split(separator: "/").last.map(String.init) ?? name
    guard let dot = base.lastIndex(of: "."), dot > base.startIndex else { return base }
    return String(base[..<dot])
  }

  private mutating func addSeparator() throws(DocumentError) {
    if count > 0, text.utf8.last != UInt8(ascii: "\n") { try append("\n\n") }
  }

  private mutating func append(_ part: String) throws(DocumentError) {
    count += part.unicodeScalars.count
    guard count <= limit else { throw .tooLarge(what: "the file's text", limit: limit, unit: "characters") }
    text += part
  }
}
