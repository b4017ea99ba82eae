/// Reads HTML as the text it shows: no tree, one pass over its tags.
struct HTMLReader {
  private var builder: SourceTextBuilder
  private var tokens: MarkupTokenizer
  private let scope: Scope
  /// Open `<main>` elements.
  private var mainDepth = 0
  private var paragraph = String.UnicodeScalarView()
  /// White space seen since the last word.
  private var hasSpace = false
  private var preformatted = 0
  private var headingLevel: Int?
  private var inTitle = false
  private var inCell = false
  private var listDepth = 0
  private var title = ""
  /// The outermost element that is dropped with all it holds, and how many of its name are open.
  private var dropped: (name: String, depth: Int)?

  static func read(_ text: String, name: String, limit: Int) throws(DocumentError) -> SourceText {
    // The page's own text if it says which that is; else all but menus; else, when a menu is all or never ends, all.
    for scope in [Scope.main, .body] {
      do {
        return try HTMLReader(text, limit: limit, scope: scope).read(name: name)
      } catch {
        guard case .empty = error else { throw error }
      }
    }
    return try HTMLReader(text, limit: limit, scope: .everything).read(name: name)
  }

  private enum Scope { case main, body, everything }

  private init(_ text: String, limit: Int, scope: Scope) {
    builder = SourceTextBuilder(limit: limit)
    tokens = MarkupTokenizer(text, language: .html)
    self.scope = scope
  }

  private consuming func read(name: String) throws(DocumentError) -> SourceText {
    while let token = tokens.next() {
      switch token {
      case .text(let range): try add(tokens.decoded(range))
      case .literal(let range):
        // Of raw elements only titles and text areas hold references, and scripts are dropped.
        try add(tokens.decoded(range))
      case .start(let name, let attributes, let closesItself):
        try start(name, attributes: attributes, closesItself: closesItself)
      case .end(let name): try end(name)
      }
    }
    try endParagraph()
    builder.title = title
    return try builder.finish(
      name: name, emptyReason: "\(name) shows no text: it may be made by scripts when it is opened")
  }

  // MARK: Tags

  private mutating func start(_ name: String, attributes: Range<Int>, closesItself: Bool) throws(DocumentError) {
    if let open = dropped {
      if open.name == name, !closesItself { dropped?.depth += 1 }
      return
    }
    if HTMLNames.dropped.contains(name), !(scope == .everything && HTMLNames.droppedTolerantly.contains(name)) {
      if !closesItself || name == "script" || name == "style" { dropped = (name, 1) }
      hasSpace = true
      return
    }
    switch name {
    case "title": inTitle = title.isEmpty
    case "main":
      try endParagraph()
      mainDepth += 1
    case "br": breakLine()
    case "td", "th":
      inCell = true
      if !paragraph.isEmpty, paragraph.last != "\n" { paragraph.append(contentsOf: " | ".unicodeScalars) }
      hasSpace = false
    case "h1", "h2", "h3", "h4", "h5", "h6":
      try endParagraph()
      headingLevel = name.utf8.last.map { Int($0) - 0x30 }
    default:
      if HTMLNames.lines.contains(name) || (isList(name) && listDepth > 0 && headingLevel == nil) {
        if isList(name) { listDepth += 1 }
        if headingLevel != nil { try endParagraph() }
        breakLine()
        if name == "tr" { inCell = false }
        if name == "li", scope != .main || mainDepth > 0 {
          paragraph.append(
            contentsOf: (String(repeating: "  ", count: min(max(0, listDepth - 1), 8)) + "- ").unicodeScalars)
        }
      } else if HTMLNames.blocks.contains(name) {
        if isList(name) { listDepth += 1 }
        if isWithin(name) { hasSpace = true } else { try endParagraph(keepingItem: true) }
        if name == "pre" { preformatted += 1 }
      }
    }
  }

  private mutating func end(_ name: String) throws(DocumentError) {
    if let open = dropped {
      guard open.name == name else { return }
      dropped = open.depth > 1 ? (name, open.depth - 1) : nil
      return
    }
    switch name {
    case "title": inTitle = false
    case "main":
      try endParagraph()
      mainDepth = max(0, mainDepth - 1)
    case "h1", "h2", "h3", "h4", "h5", "h6": try endParagraph()
    case "pre":
      preformatted = max(0, preformatted - 1)
      try endParagraph()
    default:
      if HTMLNames.lines.contains(name) || (isList(name) && listDepth > 1 && headingLevel == nil) {
        if isList(name) { listDepth -= 1 }
        breakLine()
      } else if HTMLNames.blocks.contains(name) {
        if isWithin(name) { hasSpace = true } else { try endParagraph() }
        if isList(name) { listDepth = max(0, listDepth - 1) }
        if name == "table" { inCell = false }
      }
    }
  }

  private func isList(_ name: String) -> Bool { name == "ul" || name == "ol" }

  /// Whether a block is a part of the open heading, as in `<h2><div>Text</div></h2>`, or of a table's cell; not when
  /// that is long, since headings are left open and pages are laid out in tables.
  private func isWithin(_ name: String) -> Bool {
    if headingLevel != nil, name == "p" { return paragraph.isEmpty }
    let isPart = headingLevel != nil ? ["div", "button", "center"] : inCell ? ["div", "p"] : []
    return isPart.contains(name) && String(paragraph).utf8.count < 600
  }

  // MARK: Text

  private mutating func add(_ text: String) throws(DocumentError) {
    if dropped != nil { return }
    if inTitle {
      title += text
      return
    }
    if scope == .main, mainDepth == 0 { return }
    for scalar in text.unicodeScalars {
      if preformatted > 0, headingLevel == nil {
        paragraph.append(scalar)
      } else if scalar.isWhiteSpace {
        hasSpace = true
      } else if scalar.value != 0xAD {
        if hasSpace, let last = paragraph.last, !last.isWhiteSpace { paragraph.append(" ") }
        hasSpace = false
        paragraph.append(scalar)
      }
    }
  }

  private mutating func breakLine() {
    hasSpace = false
    // An item or a last cell without text.
    if preformatted == 0, endsInMark {
      paragraph.removeLast(paragraph.last(where: { $0 == "-" || $0 == "|" }) == "-" ? 2 : 3)
    }
    if !paragraph.isEmpty, paragraph.last != "\n" || preformatted > 0 { paragraph.append("\n") }
  }

  /// - Parameter keepingItem: a block at the beginning of an item stays on the line of its mark.
  private mutating func endParagraph(keepingItem: Bool = false) throws(DocumentError) {
    hasSpace = false
    if keepingItem, endsInMark { return }
    breakLine()
    let text = String(paragraph)
    paragraph = String.UnicodeScalarView()
    if let level = headingLevel {
      headingLevel = nil
      try builder.addHeading(text, level: level)
    } else {
      try builder.addParagraph(text)
    }
  }

  /// Whether the text ends in an item's mark or a cell's, with nothing behind it.
  private var endsInMark: Bool {
    let tail = Array(paragraph.suffix(3))
    return tail.suffix(2) == ["-", " "] && (tail.count == 2 || tail[0] == "\n") || tail == [" ", "|", " "]
  }
}
