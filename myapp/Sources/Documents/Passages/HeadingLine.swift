import Embeddings

/// Makes the line that tells where a passage stands: `Title › Section › Subsection`.
struct HeadingLine {
  /// Between two headings.
  static let separator = " › "

  let tokenizer: WordPieceTokenizer
  /// Pieces the line has at most.
  let limit: Int

  /// Leaves out the middle when the line is too long, then the ends of what remains.
  func make(title: String, path: [String]) -> String {
    // Far more than the limit can hold: what is behind is not even looked at.
    var parts = ([title] + path).map { String($0.unicodeScalars.prefix(limit * 40)).collapsingWhiteSpace() }
    parts.removeAll(where: \.isEmpty)
    if parts.count > 1, parts[0] == parts[1] { parts.removeFirst() }
    guard let first = parts.first, let last = parts.last else { return "" }
    let whole = parts.joined(separator: Self.separator)
    if fits(whole) { return whole }
    if parts.count == 1 { return cut(first, to: limit) }
    let ends = parts.count > 2 ? [first, "…", last] : [first, last]
    let line = ends.joined(separator: Self.separator)
    if fits(line) { return line }
    // A short one leaves its part to the other.
    let room = limit - (parts.count > 2 ? 3 : 1)
    let lastPart = cut(last, to: max(room / 2, room - tokenizer.count(first, upTo: room)))
    let firstPart = cut(first, to: room - tokenizer.count(lastPart, upTo: room))
    return (parts.count > 2 ? [firstPart, "…", lastPart] : [firstPart, lastPart]).joined(separator: Self.separator)
  }

  private func fits(_ line: String) -> Bool { tokenizer.count(line, upTo: limit + 1) <= limit }

  /// The beginning of the text with an ellipsis, of at most `limit` pieces.
  private func cut(_ text: String, to limit: Int) -> String {
    let pieces = tokenizer.pieces(text)
    if pieces.count <= limit { return text }
    var kept = limit - 1
    while kept > 0 {
      let bytes = Array(text.utf8.prefix(pieces[kept - 1].range.upperBound))
      let beginning = String(decoding: bytes, as: UTF8.self) + "…"
      if tokenizer.count(beginning, upTo: limit + 1) <= limit { return beginning }
      kept /= 2
    }
    return "…"
  }
}
