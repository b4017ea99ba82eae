import Foundation

/// BERT's uncased tokenizer: words of normalised text, each cut greedily into the longest pieces a vocabulary knows.
///
/// Gives the ids of Hugging Face's `tokenizers` with the `tokenizer.json` of the same model. A word without pieces, or
/// of more than 100 scalars, is one unknown piece. `[SEP]` and its kind, written in a text, are those pieces.
///
/// Sources: Devlin et al., "BERT" (NAACL 2019); Wu et al., "Google's Neural Machine Translation System" (2016), 4.1.
public struct WordPieceTokenizer: Sendable {
  /// One piece of a text.
  public struct Piece: Hashable, Sendable {
    public var id: Int32
    /// Where it stands in the text, in UTF-8 bytes; always at the borders of Unicode scalars.
    public var range: Range<Int>

    public init(id: Int32, range: Range<Int>) {
      self.id = id
      self.range = range
    }
  }

  static let maximumWordLength = 100
  private static let maximumVocabularyBytes = 16 << 20

  private let vocabulary: Vocabulary

  /// - Parameter path: a `vocab.txt`, one piece a line.
  /// - Throws: ``EmbeddingError`` when the file cannot be read or is no vocabulary.
  public init(vocabularyPath path: String) throws(EmbeddingError) {
    let bytes: [UInt8]
    do {
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      guard size <= Self.maximumVocabularyBytes else {
        throw EmbeddingError.malformed(path: path, reason: "\(size) bytes, at most \(Self.maximumVocabularyBytes)")
      }
      bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch let error as EmbeddingError {
      throw error
    } catch {
      throw .unreadable(path: path, reason: error.localizedDescription)
    }
    try self.init(vocabulary: bytes, path: path)
  }

  /// - Parameter path: what errors call the vocabulary.
  init(vocabulary lines: [UInt8], path: String) throws(EmbeddingError) {
    vocabulary = try Vocabulary(lines: lines, path: path)
  }

  /// Ids are below this.
  public var vocabularyCount: Int { vocabulary.count }

  /// The text's ids between `[CLS]` and `[SEP]`, cut so that with both there are at most `limit`.
  ///
  /// Reading stops at the cut: what is behind it costs nothing.
  public func encode(_ text: String, limit: Int = 256) -> [Int32] {
    var ids = [vocabulary.start]
    scan(text) { id, _, _ in
      guard ids.count < limit - 1 else { return false }
      ids.append(id)
      return true
    }
    ids.append(vocabulary.end)
    return ids
  }

  /// All pieces of the text in order, without `[CLS]` and `[SEP]` and without a cut.
  public func pieces(_ text: String) -> [Piece] {
    var pieces: [Piece] = []
    scan(text) { id, start, end in
      pieces.append(Piece(id: id, range: start..<end))
      return true
    }
    return pieces
  }

  /// The number of pieces, counted up to `limit`; keeps none of them.
  public func count(_ text: String, upTo limit: Int = .max) -> Int {
    var count = 0
    scan(text) { _, _, _ in
      guard count < limit else { return false }
      count += 1
      return true
    }
    return count
  }

  /// Calls `visit` with the id, start and end of each piece, until it answers `false`.
  private func scan(_ text: String, _ visit: (Int32, Int, Int) -> Bool) {
    var word = Word()
    var offset = 0
    var skipped = 0
    for scalar in text.unicodeScalars {
      let start = offset
      offset += UTF8.width(scalar)
      if start < skipped { continue }
      guard scalar.isASCII else {
        var isContinued = true
        BertScalar.normalize(scalar) { part, kind in
          guard isContinued else { return }
          if kind != .letter { isContinued = cut(&word, visit) }
          if isContinued, kind != .space { word.append(part, from: start, to: offset) }
          if isContinued, kind == .isolated { isContinued = cut(&word, visit) }
        }
        if !isContinued { return }
        continue
      }
      let byte = UInt8(truncatingIfNeeded: scalar.value)
      switch BertScalar.ascii(byte) {
      case nil: continue
      case .letter: word.append(BertScalar.lowered(byte), from: start, to: offset)
      case .space:
        if !cut(&word, visit) { return }
      case .isolated:
        if !cut(&word, visit) { return }
        if byte == UInt8(ascii: "["), let special = special(in: text, at: start) {
          skipped = start + special.text.count
          if !visit(special.id, start, skipped) { return }
        } else {
          word.append(byte, from: start, to: offset)
          if !cut(&word, visit) { return }
        }
      }
    }
    _ = cut(&word, visit)
  }

  private func special(in text: String, at offset: Int) -> (text: [UInt8], id: Int32)? {
    let rest = text.utf8[text.utf8.index(text.utf8.startIndex, offsetBy: offset)...]
    return vocabulary.special.first { rest.starts(with: $0.text) }
  }

  /// Cuts the word into pieces and empties it.
  private func cut(_ word: inout Word, _ visit: (Int32, Int, Int) -> Bool) -> Bool {
    guard word.scalars > 0 else { return true }
    defer { word.removeAll() }
    word.cuts.removeAll(keepingCapacity: true)
    var position = 0
    if word.scalars <= Self.maximumWordLength {
      while position < word.bytes.count, let piece = vocabulary.longestPiece(in: word.bytes, from: position) {
        word.cuts.append((piece.id, position, piece.end))
        position = piece.end
      }
    }
    // One piece that is missing makes the whole word unknown.
    guard word.scalars <= Self.maximumWordLength, position == word.bytes.count else {
      return visit(vocabulary.unknown, word.start, word.end)
    }
    for piece in word.cuts where !visit(piece.id, word.starts[piece.start], word.ends[piece.end - 1]) { return false }
    return true
  }

  /// The word being read, with the place in the text of each of its bytes. What exceeds the longest word is counted,
  /// not kept.
  private struct Word {
    var bytes: [UInt8] = []
    var starts: [Int] = []
    var ends: [Int] = []
    var scalars = 0
    var start = 0
    var end = 0
    /// Its pieces, as positions in `bytes`.
    var cuts: [(id: Int32, start: Int, end: Int)] = []

    mutating func append(_ byte: UInt8, from first: Int, to last: Int) {
      if scalars == 0 { start = first }
      end = last
      scalars += 1
      if scalars <= WordPieceTokenizer.maximumWordLength { keep(byte, first, last) }
    }

    mutating func append(_ scalar: Unicode.Scalar, from first: Int, to last: Int) {
      if scalars == 0 { start = first }
      end = last
      scalars += 1
      guard scalars <= WordPieceTokenizer.maximumWordLength else { return }
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { keep(byte, first, last) }
    }

    private mutating func keep(_ byte: UInt8, _ first: Int, _ last: Int) {
      bytes.append(byte)
      starts.append(first)
      ends.append(last)
    }

    mutating func removeAll() {
      bytes.removeAll(keepingCapacity: true)
      starts.removeAll(keepingCapacity: true)
      ends.removeAll(keepingCapacity: true)
      scalars = 0
    }
  }
}
