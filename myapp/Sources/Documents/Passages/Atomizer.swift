import Embeddings

/// The smallest part of a text that passages are made of: a word, or a part of a very long one.
struct Atom {
  /// How well a text can be cut behind an atom; a higher one is better.
  enum Border: Int8, Comparable {
    case fragment, word, line, sentence, paragraph

    static func < (a: Border, b: Border) -> Bool { a.rawValue < b.rawValue }
  }

  var range: Range<Int>
  /// Word pieces it has alone.
  var pieces: Int
  /// Its pieces, or more when it is long for so few: what the model does not know must not pile up.
  var weight: Int
  /// Part of a word, whose pieces are others when the parts are joined.
  var isFragment: Bool
  var border: Border

  init(range: Range<Int>, pieces: Int, isFragment: Bool) {
    self.range = range
    self.pieces = pieces
    weight = max(1, pieces, range.count / 16)
    self.isFragment = isFragment
    border = isFragment ? .fragment : .word
  }
}

/// Cuts text into atoms and counts their pieces.
///
/// BERT ends words at white space, so pieces of whole words add up. Those of fragments need not: alone, the beginning
/// of one is cut as a word's beginning. Whoever joins fragments counts anew.
struct Atomizer {
  let tokenizer: WordPieceTokenizer
  let fragmenter: Fragmenter

  /// - Parameter largestFragment: pieces in a word beyond which it may be cut.
  init(tokenizer: WordPieceTokenizer, largestFragment: Int) {
    self.tokenizer = tokenizer
    fragmenter = Fragmenter(tokenizer: tokenizer, largest: largestFragment)
  }

  func atoms(of scalars: [Unicode.Scalar], in stretch: Stretch) -> [Atom] {
    var atoms: [Atom] = []
    let splitter = SentenceSplitter()
    for paragraph in stretch.paragraphs {
      for sentence in splitter.ranges(in: scalars[paragraph.range]) {
        appendWords(of: scalars, in: sentence, to: &atoms)
        if let last = atoms.indices.last { atoms[last].border = .sentence }
      }
      if let last = atoms.indices.last { atoms[last].border = paragraph.staysWithNext ? .word : .paragraph }
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
      let (start, wordBytes) = (position, bytes)
      while position < sentence.upperBound, !Self.isSpace(scalars[position]) {
        bytes += UTF8.width(scalars[position])
        position += 1
      }
      let firstPiece = piece
      while piece < pieces.count, pieces[piece].range.lowerBound < bytes { piece += 1 }
      let count = piece - firstPiece
      if count <= fragmenter.largest, position - start <= Fragmenter.longestWord {
        atoms.append(Atom(range: start..<position, pieces: count, isFragment: false))
      } else {
        fragmenter.append(
          start..<position, of: scalars, pieces: pieces[firstPiece..<piece], startingAt: wordBytes, to: &atoms)
        if let last = atoms.indices.last { atoms[last].border = .word }
      }
    }
  }

  /// What ends a word for the tokenizer, which drops the other controls.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20, 0x09, 0x0A, 0x0D: true
    case 0x00...0x9F: false
    default: scalar.properties.isWhitespace
    }
  }
}
