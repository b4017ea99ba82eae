/// Makes text of a Word document's XML: paragraphs, headings by style, lists and tables a line for each item or row.
///
/// Left out are deleted and moved text, the instructions of fields, and notes.
struct DOCXText {
  private var builder: SourceTextBuilder
  private var tokens: MarkupTokenizer
  private let styles: WordStyles

  // The open paragraph.
  private var text = ""
  private var level: Int?
  private var isItem = false
  private var inProperties = false
  private var inText = false
  /// Items that wait for the end of their list.
  private var items: [String] = []
  // The open table.
  private var tableDepth = 0
  private var rows: [String] = []
  private var cells: [String] = []
  private var cell = ""
  /// The open element that is left out, and how many of its name are open.
  private var dropped: (name: String, depth: Int)?

  static func source(
    document: String, styles: WordStyles, name: String, limit: Int
  ) throws(DocumentError) -> SourceText {
    let reader = DOCXText(
      builder: SourceTextBuilder(limit: limit), tokens: MarkupTokenizer(document, language: .xml), styles: styles)
    return try reader.read(name: name)
  }

  private init(builder: SourceTextBuilder, tokens: MarkupTokenizer, styles: WordStyles) {
    self.builder = builder
    self.tokens = tokens
    self.styles = styles
  }

  private consuming func read(name: String) throws(DocumentError) -> SourceText {
    while let token = tokens.next() {
      switch token {
      case .text(let range): if inText, dropped == nil { text += tokens.decoded(range) }
      case .literal(let range): if inText, dropped == nil { text += tokens.literal(range) }
      case .start(let name, let attributes, let closesItself):
        try start(MarkupTokenizer.localName(name), attributes: attributes)
        if closesItself { try end(MarkupTokenizer.localName(name)) }
      case .end(let name): try end(MarkupTokenizer.localName(name))
      }
    }
    try endParagraph()
    try endTable()
    try endList()
    return try builder.finish(name: name, emptyReason: "\(name) holds no text")
  }

  private mutating func start(_ name: String, attributes: Range<Int>) throws(DocumentError) {
    if let open = dropped {
      if open.name == name { dropped?.depth += 1 }
      return
    }
    func value() -> String? { tokens.attribute("w:val", in: attributes) }
    switch name {
    case "Fallback", "moveFrom", "del", "instrText": dropped = (name, 1)
    case "p": try endParagraph()
    case "pPr": inProperties = true
    case "pStyle":
      guard let style = value() else { break }
      level = styles[style]
      isItem = isItem || styles.items.contains(style)
    case "outlineLvl": if let outline = value().flatMap({ Int($0) }), (0..<9).contains(outline) { level = outline + 1 }
    case "numPr": isItem = true
    case "t": inText = true
    case "tab": if !inProperties { text += "\t" }
    case "br", "cr": text += "\n"
    case "noBreakHyphen": text += "-"
    case "tbl":
      try endParagraph()
      try endList()
      tableDepth += 1
    default: break
    }
  }

  private mutating func end(_ name: String) throws(DocumentError) {
    if let open = dropped {
      if open.name == name { dropped = open.depth > 1 ? (name, open.depth - 1) : nil }
      return
    }
    switch name {
    case "p": try endParagraph()
    case "pPr": inProperties = false
    case "t": inText = false
    case "tc" where tableDepth == 1:
      cells.append(cell)
      cell = ""
    case "tr" where tableDepth == 1:
      if cells.contains(where: { !$0.isEmpty }) { rows.append(cells.joined(separator: " | ")) }
      cells = []
    case "tbl":
      tableDepth = max(0, tableDepth - 1)
      if tableDepth == 0 { try endTable() }
    default: break
    }
  }

  private mutating func endParagraph() throws(DocumentError) {
    let paragraph = TextDecoding.normalize(text).trimmingWhiteSpace()
    let (level, isItem) = (level, isItem)
    text = ""
    self.level = nil
    self.isItem = false
    guard !paragraph.isEmpty else { return }
    if tableDepth > 0 {
      cell += (cell.isEmpty ? "" : " ") + paragraph.collapsingWhiteSpace()
    } else if let level {
      try endList()
      if level == 0, builder.title == nil { builder.title = paragraph }
      try builder.addHeading(paragraph, level: level)
    } else if isItem {
      items.append("- " + paragraph)
    } else {
      try endList()
      try builder.addParagraph(paragraph)
    }
  }

  private mutating func endList() throws(DocumentError) {
    try builder.addParagraph(items.joined(separator: "\n"))
    items = []
  }

  private mutating func endTable() throws(DocumentError) {
    if !cell.isEmpty { cells.append(cell) }
    if !cells.isEmpty { rows.append(cells.joined(separator: " | ")) }
    try builder.addParagraph(rows.joined(separator: "\n"))
    (rows, cells, cell) = ([], [], "")
  }
}
