public import Embeddings

/// A passage with the text around it, joined without what neighbours share.
public struct PassageWindow: Sendable, Hashable {
  /// Which passages are in it, as indices of the array it was made from.
  public var passages: Range<Int>
  /// The source's text in ``range``; where passages leave a gap, which is white space only, a line break or two.
  public var text: String
  /// Scalar offsets into ``SourceText/text``, half open.
  public var range: Range<Int>
  /// Word pieces of ``text``.
  public var pieces: Int

  public init(passages: Range<Int>, text: String, range: Range<Int>, pieces: Int) {
    self.passages = passages
    self.text = text
    self.range = range
    self.pieces = pieces
  }

  /// Grows from the passage by one neighbour after another, behind and before in turn, those of its own section first,
  /// until there are `least` pieces or the document ends. A neighbour that would make more than `most` stays out.
  ///
  /// - Parameters:
  ///   - index: of the passage in `passages`.
  ///   - passages: those of one document in order. Where one is missing, the window ends.
  /// - Returns: `nil` when there is no such passage.
  public static func around(
    _ index: Int, in passages: [Passage], tokenizer: WordPieceTokenizer, from least: Int = 400, to most: Int = 800
  ) -> PassageWindow? {
    guard passages.indices.contains(index) else { return nil }
    let center = passages[index]
    var window = PassageWindow(
      passages: index..<index + 1, text: center.text, range: center.range, pieces: tokenizer.count(center.text))
    // Own section first, then the rest of the document.
    for staysInSection in [true, false] {
      var (goesOn, goesBack) = (true, true)
      while window.pieces < least, goesOn || goesBack {
        if goesOn {
          goesOn = window.grow(.after, in: passages, within: staysInSection ? center : nil, tokenizer, most)
        }
        if window.pieces < least, goesBack {
          goesBack = window.grow(.before, in: passages, within: staysInSection ? center : nil, tokenizer, most)
        }
      }
    }
    return window
  }

  private enum Side { case before, after }

  /// Adds the neighbour on one side; `false` when there is none that may be added.
  private mutating func grow(
    _ side: Side, in all: [Passage], within center: Passage?, _ tokenizer: WordPieceTokenizer, _ most: Int
  ) -> Bool {
    let index = side == .after ? passages.upperBound : passages.lowerBound - 1
    guard all.indices.contains(index) else { return false }
    let neighbour = all[index]
    let edge = side == .after ? all[index - 1] : all[index + 1]
    guard neighbour.ordinal == edge.ordinal + (side == .after ? 1 : -1) else { return false }
    if let center, neighbour.section != center.section || neighbour.page != center.page { return false }
    let grown = side == .after ? Self.join(self, neighbour.asWindow(index)) : Self.join(neighbour.asWindow(index), self)
    let count = tokenizer.count(grown.text, upTo: most + 1)
    guard count <= most else { return false }
    self = grown
    pieces = count
    return true
  }

  private static func join(_ first: PassageWindow, _ second: PassageWindow) -> PassageWindow {
    let gap = second.range.lowerBound - first.range.upperBound
    let separator = gap <= 0 ? "" : gap == 1 ? "\n" : "\n\n"
    let shared = min(max(0, -gap), second.range.count)
    return PassageWindow(
      passages: first.passages.lowerBound..<second.passages.upperBound,
      text: first.text + separator + String(second.text.unicodeScalars.dropFirst(shared)),
      range: first.range.lowerBound..<max(first.range.upperBound, second.range.upperBound), pieces: 0)
  }
}

extension Passage {
  fileprivate func asWindow(_ index: Int) -> PassageWindow {
    PassageWindow(passages: index..<index + 1, text: text, range: range, pieces: 0)
  }
}

extension PassageCutter {
  /// ``PassageWindow/around(_:in:tokenizer:from:to:)`` with the cutter's tokenizer.
  public func window(
    around index: Int, in passages: [Passage], from least: Int = 400, to most: Int = 800
  ) -> PassageWindow? {
    PassageWindow.around(index, in: passages, tokenizer: tokenizer, from: least, to: most)
  }
}
