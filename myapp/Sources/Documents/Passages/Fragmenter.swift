import Embeddings

/// Cuts words that are too long to be kept whole, and text without spaces, between their pieces.
struct Fragmenter {
  let tokenizer: WordPieceTokenizer
  /// Pieces a fragment has at most, where a scalar is not more already.
  let largest: Int
  /// What is longer has no pieces of its own: one unknown piece is all the model sees.
  static let longestWord = 100

  /// - Parameters:
  ///   - pieces: those of the word.
  ///   - offset: where in bytes the word begins, as their places are counted.
  func append(
    _ word: Range<Int>, of scalars: [Unicode.Scalar], pieces: ArraySlice<WordPieceTokenizer.Piece>,
    startingAt offset: Int, to atoms: inout [Atom]
  ) {
    if word.count <= Self.longestWord {
      return appendGroups(word, of: scalars, pieces: pieces, startingAt: offset, to: &atoms)
    }
    var start = word.lowerBound
    while start < word.upperBound {
      let end = Self.border(scalars, near: min(start + Self.longestWord, word.upperBound), in: start..<word.upperBound)
      appendGroups(start..<end, of: scalars, to: &atoms)
      start = end
    }
  }

  private func appendGroups(_ part: Range<Int>, of scalars: [Unicode.Scalar], to atoms: inout [Atom]) {
    let pieces = tokenizer.pieces(String(String.UnicodeScalarView(scalars[part])))
    appendGroups(part, of: scalars, pieces: pieces[...], startingAt: 0, to: &atoms)
  }

  private func appendGroups(
    _ part: Range<Int>, of scalars: [Unicode.Scalar], pieces: ArraySlice<WordPieceTokenizer.Piece>,
    startingAt offset: Int, to atoms: inout [Atom]
  ) {
    var start = part.lowerBound
    var position = start
    var bytes = offset
    var inGroup = 0
    for index in pieces.indices {
      let border = pieces[index].range.lowerBound
      // Several pieces of one scalar have one range.
      if inGroup >= largest, border >= pieces[index - 1].range.upperBound {
        while position < part.upperBound, bytes < border {
          bytes += UTF8.width(scalars[position])
          position += 1
        }
        appendGroup(start..<position, of: scalars, pieces: inGroup, to: &atoms)
        start = position
        inGroup = 0
      }
      inGroup += 1
    }
    appendGroup(start..<part.upperBound, of: scalars, pieces: inGroup, to: &atoms)
  }

  /// A group alone may have more pieces than in its word: then it is halved.
  private func appendGroup(_ group: Range<Int>, of scalars: [Unicode.Scalar], pieces: Int, to atoms: inout [Atom]) {
    guard !group.isEmpty else { return }
    var count = pieces
    // It cannot have more when each scalar is a piece, as in Chinese.
    if pieces != group.count || pieces > largest {
      count = tokenizer.count(String(String.UnicodeScalarView(scalars[group])))
    }
    if count <= largest || group.count == 1 {
      atoms.append(Atom(range: group, pieces: count, isFragment: true))
      return
    }
    let middle = group.lowerBound + group.count / 2
    let border = Self.border(scalars, near: middle, in: group)
    appendGroups(group.lowerBound..<border, of: scalars, to: &atoms)
    appendGroups(border..<group.upperBound, of: scalars, to: &atoms)
  }

  /// The place to cut at `position` or a little before, where no visible character is torn; never the range's start.
  private static func border(_ scalars: [Unicode.Scalar], near position: Int, in range: Range<Int>) -> Int {
    guard position < range.upperBound else { return position }
    for border in stride(from: position, to: max(range.lowerBound, position - 16), by: -1)
    where !isJoined(scalars, at: border) {
      return border
    }
    return position
  }

  /// Whether the scalars on both sides of `position` make one character.
  private static func isJoined(_ scalars: [Unicode.Scalar], at position: Int) -> Bool {
    let (before, after) = (scalars[position - 1], scalars[position])
    if after.isASCII { return false }
    return before.value == 0x200D || after.value == 0x200D || after.properties.isGraphemeExtend
      || after.properties.isEmojiModifier || (isRegional(before) && isRegional(after))
  }

  private static func isRegional(_ scalar: Unicode.Scalar) -> Bool { (0x1F1E6...0x1F1FF).contains(scalar.value) }
}
