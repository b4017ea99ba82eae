/// Reads Markdown (CommonMark with GitHub's tables and front matter) as the text it stands for.
///
/// Line by line, without a tree: blocks become paragraphs, `#` and underlined headings sections. Code keeps its lines,
/// list items and table rows are a line each, and ``MarkdownInline`` makes plain words of the rest.
struct MarkdownReader {
  private var builder: SourceTextBuilder
  private let inline: MarkdownInline
  /// The open block: text lines, one for each item, row or hard break.
  private var block: [String] = []
  private var isTable = false
  /// The last line of the block ended in a hard break.
  private var breaksLine = false
  /// Blocks since the last one that is no list are items; what is indented belongs to them.
  private var isInList = false
  private var code: [Substring] = []
  private var fence: (mark: Character, count: Int)?
  /// What ends the HTML that is skipped.
  private var skippedUntil: String?

  static func read(_ text: String, name: String, limit: Int) throws(DocumentError) -> SourceText {
    var lines = text.lines()[...]
    var builder = SourceTextBuilder(limit: limit)
    if let front = FrontMatter(lines) {
      builder.title = front.title
      lines = lines.dropFirst(front.lineCount)
    }
    let title = builder.title
    var reader = MarkdownReader(
      builder: builder, inline: MarkdownInline(references: Set(lines.compactMap { Self.definition($0)?.label })))
    for line in lines { try reader.add(line) }
    try reader.endCode()
    try reader.endBlock()
    return try reader.builder.finish(
      name: name, emptyReason: title == nil ? "\(name) is empty" : "\(name) has nothing but a title")
  }

  private init(builder: SourceTextBuilder, inline: MarkdownInline) {
    self.builder = builder
    self.inline = inline
  }

  // MARK: One line

  private mutating func add(_ raw: Substring) throws(DocumentError) {
    if fence != nil { return try addCode(raw) }
    if let end = skippedUntil {
      if raw.lowercased().contains(end) { skippedUntil = nil }
      return
    }
    let line = raw.withoutQuoteMarks()
    let indent = line.indent
    let content = line.trimmedStart()
    if content.isEmpty {
      if code.isEmpty { try endBlock() } else { code.append("") }
      return
    }
    if indent >= 4, block.isEmpty, !isInList {
      code.append(line.dropIndent(4))
      return
    }
    try endCode()
    if let opened = Self.fence(content) {
      try endBlock()
      fence = opened
    } else if indent < 4, let heading = Self.heading(content) {
      try endBlock()
      isInList = false
      try builder.addHeading(inline.plain(heading.text), level: heading.level)
    } else if indent < 4, let level = Self.underline(content), !block.isEmpty, !isTable, !isInList {
      let heading = block.map(inline.plain).joined(separator: " ")
      block = []
      try builder.addHeading(heading, level: level)
    } else if Self.isRule(content) {
      try endBlock()
    } else if let end = Self.skipped(content) {
      try endBlock()
      if !content.dropFirst(4).lowercased().contains(end) { skippedUntil = end }
    } else {
      try addText(content, indent: indent)
    }
  }

  private mutating func addText(_ content: Substring, indent: Int) throws(DocumentError) {
    if block.isEmpty, let definition = Self.definition(content) {
      // What a footnote says is text.
      if definition.label.hasPrefix("^") { block = [String(definition.rest)] }
      return
    }
    if isTable {
      if content.contains("|") {
        block.append(String(content))
        return
      }
      try endBlock()
    } else if Self.isTableRule(content), block.last?.contains("|") == true {
      let head = block.removeLast()
      let isInList = isInList
      try endBlock()
      self.isInList = isInList
      block = [head]
      isTable = true
      return
    }
    // Two spaces or a backslash at the end of a line break it.
    let isBroken = content.hasSuffix("  ") || content.hasSuffix("\\")
    let text = (content.hasSuffix("\\") ? content.dropLast() : content).trimmed()
    if let item = Self.item(text) {
      if !isInList { try endBlock() }
      isInList = true
      block.append(String(repeating: "  ", count: min(indent / 2, 8)) + item)
    } else {
      if block.isEmpty, indent < 2 { isInList = false }
      if let last = block.indices.last, !breaksLine { block[last] += " " + text } else { block.append(String(text)) }
    }
    breaksLine = isBroken
  }

  private mutating func addCode(_ line: Substring) throws(DocumentError) {
    guard let fence else { return }
    let content = line.withoutQuoteMarks().trimmedStart()
    let marks = content.prefix { $0 == fence.mark }
    if marks.count >= fence.count, content.dropFirst(marks.count).isBlank {
      self.fence = nil
      try endCode()
    } else {
      code.append(line)
    }
  }

  // MARK: Ends of blocks

  private mutating func endBlock() throws(DocumentError) {
    defer {
      block = []
      isTable = false
      breaksLine = false
    }
    guard !block.isEmpty else { return }
    let lines =
      isTable ? block.map { Self.cells($0).map(inline.plain).joined(separator: " | ") } : block.map(inline.plain)
    try builder.addParagraph(lines.joined(separator: "\n"))
  }

  private mutating func endCode() throws(DocumentError) {
    guard !code.isEmpty else { return }
    try builder.addParagraph(code.joined(separator: "\n"))
    code = []
  }
}

// MARK: What a line is

extension MarkdownReader {
  private static func fence(_ content: Substring) -> (Character, Int)? {
    guard let mark = content.first, mark == "`" || mark == "~" else { return nil }
    let count = content.prefix { $0 == mark }.count
    guard count >= 3, mark == "~" || !content.dropFirst(count).contains("`") else { return nil }
    return (mark, count)
  }

  private static func heading(_ content: Substring) -> (text: String, level: Int)? {
    let level = content.prefix { $0 == "#" }.count
    guard (1...6).contains(level) else { return nil }
    let rest = content.dropFirst(level)
    guard rest.first.map({ $0.isWhitespace }) ?? true else { return nil }
    var text = rest.trimmed()
    let closing = text.reversed().prefix { $0 == "#" }.count
    let before = text.dropLast(closing)
    if closing > 0, before.last.map({ $0.isWhitespace }) ?? true { text = before.trimmed() }
    return (String(text), level)
  }

  private static func underline(_ content: Substring) -> Int? {
    let text = content.trimmed()
    guard let mark = text.first, mark == "=" || mark == "-", text.allSatisfy({ $0 == mark }) else { return nil }
    return mark == "=" ? 1 : 2
  }

  private static func isRule(_ content: Substring) -> Bool {
    guard let mark = content.first, mark == "*" || mark == "-" || mark == "_" else { return false }
    var count = 0
    for character in content {
      if character == mark { count += 1 } else if !character.isWhitespace { return false }
    }
    return count >= 3
  }

  /// What ends the HTML that begins here and says nothing.
  private static func skipped(_ content: Substring) -> String? {
    guard content.first == "<" else { return nil }
    if content.hasPrefix("<!--") { return "-->" }
    let start = content.prefix(8).lowercased()
    for name in ["script", "style"] where start.hasPrefix("<" + name) { return "</" + name }
    return nil
  }

  private static func isTableRule(_ content: Substring) -> Bool {
    content.contains("-") && content.contains("|")
      && content.utf8.allSatisfy { $0 == 0x2D || $0 == 0x7C || $0 == 0x3A || $0 == 0x20 || $0 == 0x09 }
  }

  private static func cells(_ row: String) -> [String] {
    var cells = [""]
    var isEscaped = false
    for scalar in row.trimmingWhiteSpace().unicodeScalars {
      if scalar == "|", !isEscaped {
        cells.append("")
      } else {
        if scalar == "|" { cells[cells.count - 1].unicodeScalars.removeLast() }
        cells[cells.count - 1].unicodeScalars.append(scalar)
      }
      isEscaped = scalar == "\\" && !isEscaped
    }
    if cells.first?.isEmpty == true { cells.removeFirst() }
    while cells.last?.isBlank == true { cells.removeLast() }
    return cells.map { $0.trimmingWhiteSpace() }
  }

  /// The item with a mark of one kind; `nil` when the line begins none.
  private static func item(_ content: Substring) -> String? {
    let scalars = Array(content.unicodeScalars.prefix(12))
    guard let first = scalars.first, SentenceSplitter.startsItem(scalars[...]) else { return nil }
    guard first == "-" || first == "*" || first == "+" else { return first.isASCIIDigit ? String(content) : nil }
    return "- " + content.dropFirst().trimmed()
  }

  /// `[label]: destination`, or the text of a footnote.
  private static func definition(_ line: Substring) -> (label: String, rest: Substring)? {
    let content = line.trimmedStart()
    guard content.first == "[", let end = content.utf8.prefix(1000).firstIndex(of: UInt8(ascii: "]")) else {
      return nil
    }
    let label = content[..<end].dropFirst()
    let rest = content[end...].dropFirst()
    guard !label.isEmpty, rest.first == ":" else { return nil }
    return (label.lowercased(), rest.dropFirst().trimmed())
  }
}
