/// Reads plain text: it stays as it is, and lines underlined with `===` or `---` are headings.
enum PlainTextReader {
  static func read(_ text: String, name: String, limit: Int) throws(DocumentError) -> SourceText {
    var builder = SourceTextBuilder(limit: limit)
    let lines = text.lines()
    var block: [Substring] = []
    var index = 0
    func isBlank(_ index: Int) -> Bool { index < 0 || index >= lines.count || lines[index].isBlank }
    while index < lines.count {
      if isBlank(index) {
        try builder.addParagraph(block.joined(separator: "\n"))
        block = []
      } else if isBlank(index - 1), let level = level(of: lines, at: index), isBlank(index + 2) {
        try builder.addHeading(String(lines[index]), level: level)
        index += 1
      } else {
        block.append(lines[index])
      }
      index += 1
    }
    try builder.addParagraph(block.joined(separator: "\n"))
    return try builder.finish(name: name, emptyReason: "\(name) is empty")
  }

  /// The level of the heading at `index`, when a line of its length or so stands under it.
  private static func level(of lines: [Substring], at index: Int) -> Int? {
    guard index + 1 < lines.count else { return nil }
    let (heading, underline) = (lines[index], lines[index + 1])
    guard heading.utf8.count <= 400, underline.utf8.count >= 3, let mark = underline.first, mark == "=" || mark == "-",
      underline.allSatisfy({ $0 == mark }), abs(heading.count - underline.count) <= max(3, heading.count / 4)
    else { return nil }
    return mark == "=" ? 1 : 2
  }
}

extension StringProtocol {
  /// Whether there is nothing but white space.
  var isBlank: Bool { unicodeScalars.allSatisfy(\.isWhiteSpace) }
}
