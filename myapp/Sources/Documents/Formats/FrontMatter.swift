/// The lines between `---` or `+++` at the very top of a Markdown file.
struct FrontMatter {
  var title: String?
  /// Lines to skip, both fences among them.
  var lineCount: Int

  /// `nil` when the text has none: a rule at the top is only a rule.
  init?(_ lines: ArraySlice<Substring>) {
    guard let first = lines.first?.trimmed(), first == "---" || first == "+++" else { return nil }
    let body = lines.dropFirst().prefix(500)
    guard let end = body.firstIndex(where: { $0.trimmed() == first || (first == "---" && $0.trimmed() == "...") }),
      let firstKey = body.first, firstKey.contains(":") || firstKey.contains("=") || firstKey.hasPrefix("#")
    else { return nil }
    lineCount = end - lines.startIndex + 1
    for line in body[..<end] {
      guard let mark = line.firstIndex(where: { $0 == ":" || $0 == "=" }),
        line[..<mark].trimmed().lowercased() == "title"
      else { continue }
      var value = line[mark...].dropFirst().trimmed()
      if let quote = value.first, value.count > 1, quote == value.last, quote == "\"" || quote == "'" {
        value = value.dropFirst().dropLast()
      }
      if !value.isEmpty { title = String(value) }
      break
    }
  }
}
