/// Finds the sentences of running text by rules: marks that end one, and what only looks like it (abbreviations,
/// initials, decimals, ellipses inside a sentence).
///
/// An empty line ends a sentence, and so does a line break before an item of a list. The rest of line breaks are white
/// space, since text is often wrapped. Takes linear time.
public struct SentenceSplitter: Sendable {
  public init() {}

  /// The sentences in order as scalar offsets, without white space at their ends. Every scalar that is not white space
  /// is in exactly one.
  public func ranges(in text: String) -> [Range<Int>] { ranges(in: Array(text.unicodeScalars)[...]) }

  /// As above; offsets are the slice's own indices.
  func ranges(in scalars: ArraySlice<Unicode.Scalar>) -> [Range<Int>] {
    var sentences: [Range<Int>] = []
    var start: Int?
    // Behind the last scalar that is not white space.
    var end = scalars.startIndex
    func finish() {
      if let begun = start { sentences.append(begun..<end) }
      start = nil
    }
    var position = scalars.startIndex
    while position < scalars.endIndex {
      let scalar = scalars[position]
      if scalar.isWhiteSpace {
        if scalar.isLineBreak, start != nil, breaksSentence(scalars, at: position) { finish() }
        position += 1
        continue
      }
      if start == nil { start = position }
      end = position + 1
      guard let mark = Mark(scalar) else {
        position += 1
        continue
      }
      // "?!", "...", and quotes or brackets that close behind.
      let markStart = position
      position += 1
      while position < scalars.endIndex, Mark(scalars[position]) != nil { position += 1 }
      let marksEnd = position
      while position < scalars.endIndex, Self.isCloser(scalars[position]) { position += 1 }
      end = position
      if mark.ends(scalars, sentence: start ?? markStart, marks: markStart..<marksEnd, closed: position) { finish() }
    }
    finish()
    return sentences
  }

  /// Whether the line break at `position` ends the sentence before it.
  private func breaksSentence(_ scalars: ArraySlice<Unicode.Scalar>, at position: Int) -> Bool {
    if scalars[position].value == 0x2029 { return true }
    var next = position + 1
    if scalars[position].value == 0x0D, next < scalars.endIndex, scalars[next].value == 0x0A { next += 1 }
    while next < scalars.endIndex, scalars[next].isWhiteSpace {
      if scalars[next].isLineBreak { return true }
      next += 1
    }
    return Self.startsItem(scalars[next...])
  }

  /// Whether a list's item begins here: `- `, `• `, `12. `, `a) `.
  static func startsItem(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
    guard let first = scalars.first else { return false }
    var position = scalars.startIndex + 1
    switch first {
    case "-", "*", "+", "•", "‣", "◦", "▪", "●", "○", "■", "–", "—", "·": break
    default:
      if first.isASCIIDigit {
        while position < scalars.endIndex, position < scalars.startIndex + 3, scalars[position].isASCIIDigit {
          position += 1
        }
        guard position < scalars.endIndex, scalars[position] == "." || scalars[position] == ")" else { return false }
      } else {
        guard first.isASCII, first.properties.isAlphabetic, position < scalars.endIndex, scalars[position] == ")"
        else { return false }
      }
      position += 1
    }
    return position < scalars.endIndex && scalars[position].isWhiteSpace
  }

  static func isCloser(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\"", "'", ")", "]", "}", "”", "’", "»", "›", "」", "』", "）", "】", "》", "〉", "〕", "］", "｣", "*", "_": true
    default: false
    }
  }
}

/// What a scalar says about the end of a sentence.
private enum Mark {
  /// Ends one when white space follows and nothing speaks against it.
  case fullStop
  /// `!`, `?` and their kind: need white space behind.
  case strong
  /// Ends one without white space behind.
  case unspaced

  init?(_ scalar: Unicode.Scalar) {
    switch scalar {
    case ".", "…": self = .fullStop
    case "!", "?", "‼", "⁇", "⁈", "⁉", "؟", "۔", "।", "॥", "։", "።", "፧", "។", "၊", "။", "‽", "꓿": self = .strong
    case "。", "！", "？", "｡", "．": self = .unspaced
    default: return nil
    }
  }

  /// - Parameters:
  ///   - sentence: where the sentence begins.
  ///   - marks: the run of marks that began with this one.
  ///   - closed: behind the quotes and brackets that close after them.
  func ends(_ scalars: ArraySlice<Unicode.Scalar>, sentence: Int, marks: Range<Int>, closed: Int) -> Bool {
    guard closed < scalars.endIndex else { return true }
    if self == .unspaced || Mark(scalars[marks.upperBound - 1]) == .unspaced {
      // 「…。」と: a quotation goes on in its sentence. A decimal may be written with a wide stop.
      let next = scalars[closed]
      if closed > marks.upperBound, (0x3040...0x309F).contains(next.value) { return false }
      return !(scalars[marks.lowerBound] == "．" && next.properties.numericType != nil)
    }
    guard scalars[closed].isWhiteSpace else { return false }
    guard let next = scalars[closed...].prefix(200).first(where: { !$0.isWhiteSpace && !Self.isOpener($0) }) else {
      return true
    }
    // "What?" she asked. "Yahoo! is", "approx. five".
    if next.properties.isLowercase { return false }
    // "3. Item" in a list, but not "in 1990. Then".
    if self == .strong || marks.count > 1 || closed > marks.upperBound { return true }
    return !Abbreviation.precedes(scalars, stop: marks.lowerBound, sentence: sentence, next: closed)
  }

  private static func isOpener(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\"", "'", "(", "[", "{", "“", "‘", "„", "«", "‹", "「", "『", "（", "*", "_", "¿", "¡": true
    default: false
    }
  }
}
