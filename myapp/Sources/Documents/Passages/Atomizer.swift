import Embeddings

/// The smallest part of a text that passages are made of: a word, or a part of a very long one.
struct Atom {
  /// How well a text can be cut behind an atom; a higher one is better.
  enum Border: Int8, Comparable {
    case fragment, word, line, sentence, paragraph

    static func < (a: Border, b: Border) -> Bool { a.rawValue < b.rawValue }
  }

  var range: Range<Int>
  /// Word pieces it has alone; at least 1, so that what has none cannot pile up.
  var weight: Int
  var border: Border
}

/// Cuts text into atoms and counts their pieces.
///
/// BERT ends words at white space, so pieces of whole words add up. They need not inside a word, where the beginning
/// of a fragment is cut as a word's beginning; whoever joins fragments counts anew.
struct Atomizer {
  let tokenizer: WordPieceTokenizer
  /// Pieces in a word beyond which it may be cut.
  let largestFragment: Int
  /// What is longer has no pieces of its own: one unknown piece is all the model sees.
  private static let longestWord = 100

  func atoms(of scalars: [Unicode.Scalar], in stretch: Stretch) -> [Atom] {
    var atoms: [Atom] = []
    let splitter = SentenceSplitter()
    for paragraph in stretch.paragraphs {
      for sentence in splitter.ranges(in: scalars[paragraph.range]) {
        appendWords(of: scalars, in: sentence, to: &atoms)
        if let last = atoms.indices.last { atoms[last].border = .sentence }
      }
      // A heading ends no paragraph: it stays with the text below it.
      if let last = atoms.indices.last { atoms[last].border = paragraph.isHeading ? .word : .paragraph }
    }
    return atoms
  }

  private func appendWords(of scalars: [Unicode.Scalar], in sentence: Range<Int>, to atoms: inout [Atom]) {
    let pieces = tokenizer.pieces(String(String.UnicodeScalarView(scalars[sentence])))
    var piece = 0
    var bytes = 0
    var position = sentence.lowerBound
    while position < sentence.upperBound {
      let first = scalars[position]
      if Self.isSpace(first) {
        if first.isLineBreak, let last = atoms.indices.last, atoms[last].border == .word { atoms[last].border = .line }
        bytes += UTF8.width(first)
        position += 1
        continue
      }
      let start = position
      while position < sentence.upperBound, !Self.isSpace(scalars[position]) {
        bytes += UTF8.width(scalars[position])
        position += 1
      }
      let firstPiece = piece
      while piece < pieces.count, pieces[piece].range.lowerBound < bytes { piece += 1 }
      let count = piece - firstPiece
      if count <= largestFragment, position - start <= Self.longestWord {
        atoms.append(Atom(range: start..<position, weight: max(1, count), border: .word))
      } else {
        appendFragments(of: scalars, in: start..<position, to: &atoms)
        if let last = atoms.indices.last { atoms[last].border = .word }
      }
    }
  }

  private func appendFragments(of scalars: [Unicode.Scalar], in word: Range<Int>, to atoms: inout [Atom]) {
    var start = word.lowerBound
    while start < word.upperBound {
      let end = Self.cut(scalars, near: min(start + Self.longestWord, word.upperBound), in: start..<word.upperBound)
      appendFragments(of: scalars, inShort: start..<end, to: &atoms)
      start = end
    }
  }

  /// Groups of at most ``largestFragment`` pieces, whose borders are those of pieces.
  private func appendFragments(of scalars: [Unicode.Scalar], inShort part: Range<Int>, to atoms: inout [Atom]) {
    let pieces = tokenizer.pieces(String(String.UnicodeScalarView(scalars[part])))
    if pieces.count <= largestFragment || part.count == 1 {
      atoms.append(Atom(range: part, weight: max(1, pieces.count), border: .fragment))
      return
    }
    var start = part.lowerBound
    var position = start
    var bytes = 0
    var inGroup = 0
    for index in pieces.indices {
      let border = pieces[index].range.lowerBound
      // Several pieces of one scalar have one range.
      let isBorder = index > 0 && border >= pieces[index - 1].range.upperBound
      if inGroup >= largestFragment, isBorder {
        while position < part.upperBound, bytes < border {
          bytes += UTF8.width(scalars[position])
          position += 1
        }
        appendChecked(scalars, start..<position, within: part, to: &atoms)
        start = position
        inGroup = 0
      }
      inGroup += 1
    }
    appendChecked(scalars, start..<part.upperBound, within: part, to: &atoms)
  }

  /// A fragment alone may have more pieces than it had in its word: then it is halved.
  private func appendChecked(
    _ scalars: [Unicode.Scalar], _ range: Range<Int>, within part: Range<Int>, to atoms: inout [Atom]
  ) {
    guard !range.isEmpty else { return }
    if range != part, range.count > 1 {
      let count = tokenizer.count(String(String.UnicodeScalarView(scalars[range])))
      if count <= largestFragment {
        atoms.append(Atom(range: range, weight: max(1, count), border: .fragment))
        return
      }
    } else if range.count == 1 {
      appendFragments(of: scalars, inShort: range, to: &atoms)
      return
    }
    let middle = Self.cut(scalars, near: range.lowerBound + (range.count + 1) / 2, in: range)
    let halves = middle < range.upperBound ? [range.lowerBound..<middle, middle..<range.upperBound] : []
    if halves.isEmpty {
      let plain = range.lowerBound + range.count / 2
      appendFragments(of: scalars, inShort: range.lowerBound..<plain, to: &atoms)
      appendFragments(of: scalars, inShort: plain..<range.upperBound, to: &atoms)
    } else {
      for half in halves { appendFragments(of: scalars, inShort: half, to: &atoms) }
    }
  }

  /// The place to cut at `position` or a little before, where no visible character is torn; never the range's start.
  private static func cut(_ scalars: [Unicode.Scalar], near position: Int, in range: Range<Int>) -> Int {
    var cut = position
    while cut > range.lowerBound + 1, cut > position - 16, cut < range.upperBound, isJoined(scalars, at: cut) {
      cut -= 1
    }
    return cut < range.upperBound && isJoined(scalars, at: cut) ? position : cut
  }

  /// Whether the scalars on both sides of `position` make one character.
  private static func isJoined(_ scalars: [Unicode.Scalar], at position: Int) -> Bool {
    let (before, after) = (scalars[position - 1], scalars[position])
    if after.isASCII { return false }
    return before.value == 0x200D || after.value == 0x200D || after.properties.isGraphemeExtend
      || after.properties.isEmojiModifier || (isRegional(before) && isRegional(after))
  }

  private static func isRegional(_ scalar: Unicode.Scalar) -> Bool { (0x1F1E6...0x1F1FF).contains(scalar.value) }

  /// What ends a word for the tokenizer, which drops the other controls.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20, 0x09, 0x0A, 0x0D: true
    case 0x00...0x9F: false
    default: scalar.properties.isWhitespace
    }
  }
}
