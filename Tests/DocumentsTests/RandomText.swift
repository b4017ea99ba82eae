import Documents

/// Text of all kinds, for tests of what holds of any.
enum RandomText {
  static func source(using generator: inout some RandomNumberGenerator) -> SourceText {
    var scalars = String.UnicodeScalarView()
    var sections: [SourceText.Section] = []
    for number in 0..<Int.random(in: 0...6, using: &generator) {
      let start = scalars.count
      let heading = Bool.random(using: &generator) ? "Heading \(number)" : words(in: 0...40, using: &generator)
      if Int.random(in: 0...3, using: &generator) > 0 { scalars.append(contentsOf: "\(heading)\n\n".unicodeScalars) }
      for _ in 0..<Int.random(in: 0...8, using: &generator) {
        scalars.append(contentsOf: words(in: 0...300, using: &generator).unicodeScalars)
        scalars.append(
          contentsOf: ["\n\n", "\r\n\r\n", "\n", "\u{2029}", "\n \n"].randomElement(using: &generator)?.unicodeScalars
            ?? "".unicodeScalars)
      }
      if Bool.random(using: &generator) {
        sections.append(
          .init(path: (0..<Int.random(in: 0...3, using: &generator)).map { _ in heading }, range: start..<scalars.count)
        )
      }
    }
    return SourceText(title: words(in: 0...30, using: &generator), text: String(scalars), sections: sections)
  }

  /// Words of one script or of many, with marks among them.
  static func words(in range: ClosedRange<Int>, using generator: inout some RandomNumberGenerator) -> String {
    var text = ""
    let kind = Int.random(in: 0...9, using: &generator)
    for _ in 0..<Int.random(in: range, using: &generator) {
      text += word(kind: kind == 9 ? Int.random(in: 0...8, using: &generator) : kind, using: &generator)
      switch Int.random(in: 0...20, using: &generator) {
      case 0: text += ". "
      case 1: text += "\n"
      case 2: text += "。"
      case 3: text += "?! "
      case 4: text += ""
      default: text += " "
      }
    }
    return text
  }

  private static func word(kind: Int, using generator: inout some RandomNumberGenerator) -> String {
    let length = Int.random(in: 1...9, using: &generator)
    func letters(_ low: UInt32, _ high: UInt32, _ count: Int) -> String {
      String(
        String.UnicodeScalarView(
          (0..<count).compactMap { _ in Unicode.Scalar(UInt32.random(in: low...high, using: &generator)) }))
    }
    switch kind {
    case 0, 1: return letters(0x61, 0x7A, length)
    case 2: return letters(0x4E00, 0x9FFF, length * 3)
    case 3: return letters(0x410, 0x44F, length)
    case 4: return letters(0xAC00, 0xD7A3, length)
    case 5:
      return ["👩‍👩‍👧‍👦", "😀", "🇩🇪🇫🇷", "👍🏽", "❤️", "e\u{301}\u{323}", "\u{200B}\u{200D}", "\u{0C}", "\u{85}"]
        .randomElement(using: &generator) ?? ""
    case 6: return letters(0x21, 0x7E, Bool.random(using: &generator) ? length : 700)
    case 7: return letters(0x20, 0x2FFF, length)
    default:
      return ["[SEP]", "[CLS][SEP]", "the", "Dr.", "3.14", "e.g.", "İ", "ﬁ", "[UNK"].randomElement(using: &generator)
        ?? ""
    }
  }
}
