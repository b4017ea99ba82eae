/// What passages are cut from, one by one: a section, with the bare headings above it.
struct Stretch {
  var path: [String]
  var page: Int?
  /// Paragraphs in order, without white space at their ends.
  var paragraphs: [Paragraph]

  struct Paragraph {
    var range: Range<Int>
    var isHeading = false
    /// It says little alone: a heading, in a format that marks them or not, or words that announce a list.
    var staysWithNext = false
  }

  /// The text's stretches in order; together they hold all that is not white space, whatever the sections say.
  static func all(of source: SourceText, scalars: [Unicode.Scalar]) -> [Stretch] {
    var stretches: [Stretch] = []
    // Headings with nothing under them, waiting for a section below them.
    var waiting: Stretch?
    for (section, range) in sections(of: source, count: scalars.count) {
      var stretch = Stretch(
        path: section?.path ?? [], page: section?.page, paragraphs: paragraphs(of: scalars, in: range))
      guard let first = stretch.paragraphs.first else { continue }
      if let heading = stretch.path.last, scalars[first.range].elementsEqual(heading.unicodeScalars) {
        stretch.paragraphs[0].isHeading = true
      }
      stretch.markThoseThatStay(scalars)
      if let headings = waiting {
        if headings.path.count < stretch.path.count, stretch.path.starts(with: headings.path) {
          stretch.paragraphs = headings.paragraphs + stretch.paragraphs
        } else {
          stretches.append(headings)
        }
        waiting = nil
      }
      if stretch.paragraphs.allSatisfy(\.isHeading) { waiting = stretch } else { stretches.append(stretch) }
    }
    if let waiting { stretches.append(waiting) }
    return stretches
  }

  private mutating func markThoseThatStay(_ scalars: [Unicode.Scalar]) {
    for index in paragraphs.indices {
      // Of short paragraphs in a row, none is a heading: they may be a poem, or a list of names.
      let isFollowed = index + 1 < paragraphs.count && !Self.announces(scalars[paragraphs[index + 1].range])
      paragraphs[index].staysWithNext =
        paragraphs[index].isHeading || isFollowed && Self.announces(scalars[paragraphs[index].range])
    }
  }

  /// Whether a paragraph is one short line that ends no sentence, or ends in a colon.
  private static func announces(_ paragraph: ArraySlice<Unicode.Scalar>) -> Bool {
    guard paragraph.count <= 200, let last = paragraph.last else { return false }
    if last == ":" || last == "：" { return true }
    return paragraph.count <= 80 && !paragraph.contains(where: \.isLineBreak)
      && !".!?…。！？".unicodeScalars.contains(last) && !SentenceSplitter.isCloser(last)
  }

  /// Each section from its beginning to that of the next, so that there are no gaps.
  private static func sections(
    of source: SourceText, count: Int
  ) -> [(section: SourceText.Section?, range: Range<Int>)] {
    var found: [(section: SourceText.Section?, range: Range<Int>)] = [(nil, 0..<count)]
    for section in source.sections.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      let start = min(max(0, section.range.lowerBound), count)
      found[found.count - 1].range = found[found.count - 1].range.lowerBound..<start
      found.append((section, start..<count))
    }
    return found
  }

  /// Parts between lines that are empty.
  private static func paragraphs(of scalars: [Unicode.Scalar], in range: Range<Int>) -> [Paragraph] {
    var paragraphs: [Paragraph] = []
    var start: Int?
    var end = range.lowerBound
    var breaks = 0
    for position in range {
      let scalar = scalars[position]
      guard !scalar.isWhiteSpace else {
        // "\r\n" is one.
        if scalar.isLineBreak, scalar != "\n" || position == range.lowerBound || scalars[position - 1] != "\r" {
          breaks += scalar.value == 0x2029 ? 2 : 1
        }
        continue
      }
      if let begun = start, breaks > 1 {
        paragraphs.append(Paragraph(range: begun..<end))
        start = nil
      }
      if start == nil { start = position }
      breaks = 0
      end = position + 1
    }
    if let start { paragraphs.append(Paragraph(range: start..<end)) }
    return paragraphs
  }
}
