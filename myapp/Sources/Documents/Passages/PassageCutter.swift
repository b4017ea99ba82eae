public import Embeddings

/// Cuts a text into passages that fit a model's window, along its structure.
///
/// - No passage holds text from two sections, except that a heading with nothing under it goes to the first section
///   below it. Pages of a PDF are sections.
/// - Paragraphs stay whole where they fit, else they are cut at sentences, then lines, then words; a word larger than
///   the limit, or text without spaces, between word pieces.
/// - Neighbours in a section share about ``overlap`` of the limit: whole sentences if some come to between half and one
///   and a half of that, else words. It shrinks to half where that keeps the next paragraph or sentence whole.
/// - Each scalar that is not white space is in at least one passage.
///
/// The same text gives the same passages. Takes time and memory in proportion to the text.
public struct PassageCutter: Sendable {
  public static let smallestLimit = 32

  let tokenizer: WordPieceTokenizer
  /// Word pieces a passage has at most, its heading line among them.
  public let limit: Int
  /// Part of the limit that neighbours share.
  public let overlap: Double

  /// - Parameters:
  ///   - limit: at least ``smallestLimit``; a smaller one is raised to it.
  ///   - overlap: from 0 to 0.4; what is outside is brought to the nearer end.
  public init(tokenizer: WordPieceTokenizer, limit: Int = 240, overlap: Double = 0.15) {
    self.tokenizer = tokenizer
    self.limit = max(Self.smallestLimit, limit)
    self.overlap = overlap.isNaN ? 0 : min(max(0, overlap), 0.4)
  }

  public func cut(_ source: SourceText) -> [Passage] {
    let scalars = Array(source.text.unicodeScalars)
    let atomizer = Atomizer(tokenizer: tokenizer, largestFragment: max(3, limit / 32))
    let headingLine = HeadingLine(tokenizer: tokenizer, limit: limit / 4)
    var passages: [Passage] = []
    for stretch in Stretch.all(of: source, scalars: scalars) {
      let atoms = atomizer.atoms(of: scalars, in: stretch)
      guard !atoms.isEmpty else { continue }
      let heading = headingLine.make(title: source.title, path: stretch.path)
      let headingPieces = tokenizer.count(heading)
      var packing = Packing(atoms: atoms, room: limit - headingPieces, overlap: Int(overlap * Double(limit)))
      while let range = packing.next({ tokenizer.count(Self.text(scalars, $0)) }) {
        var passage = Passage(
          ordinal: passages.count, text: Self.text(scalars, range.range), range: range.range, section: stretch.path,
          page: stretch.page, heading: heading, pieces: headingPieces + range.pieces)
        // A heading that the text begins with is not said again.
        let context = passage.context
        if context != heading { passage.pieces = tokenizer.count(context) + range.pieces }
        passages.append(passage)
      }
    }
    return passages
  }

  private static func text(_ scalars: [Unicode.Scalar], _ range: Range<Int>) -> String {
    String(String.UnicodeScalarView(scalars[range]))
  }
}
