import Documents
import Embeddings

/// A stretch of a document around a passage.
struct TextWindow: Encodable, Sendable, Hashable {
  var text: String
  /// In Unicode scalars of the document.
  var start: Int
  var end: Int

  static let pieces = 400...800

  /// Adds neighbours, now behind and now before, until there are 400 pieces; never more than 800 unless the passage itself
  /// is longer.
  ///
  /// - Parameter neighbours: passages of the same document, in any order.
  init(around passage: StoredPassage, in neighbours: [StoredPassage], tokenizer: WordPieceTokenizer) {
    let ordered = neighbours.filter { $0.source == passage.source }.sorted { $0.ordinal < $1.ordinal }
    guard let place = ordered.firstIndex(where: { $0.ordinal == passage.ordinal }) else {
      self.init(text: passage.text, start: passage.start, end: passage.end)
      return
    }
    var chosen = place...place
    var count = tokenizer.count(passage.text)
    var after = true
    var isStuck = (before: false, after: false)
    while count < Self.pieces.lowerBound, !(isStuck.before && isStuck.after) {
      defer { after.toggle() }
      if after ? isStuck.after : isStuck.before { continue }
      let next = after ? chosen.upperBound + 1 : chosen.lowerBound - 1
      // Only what follows on: a gap of ordinals would be text left out.
      let edge = ordered[after ? chosen.upperBound : chosen.lowerBound].ordinal
      guard ordered.indices.contains(next), ordered[next].ordinal == (after ? edge + 1 : edge - 1),
        case let more = tokenizer.count(ordered[next].text), count + more <= Self.pieces.upperBound
      else {
        if after { isStuck.after = true } else { isStuck.before = true }
        continue
      }
      count += more
      chosen = after ? chosen.lowerBound...next : next...chosen.upperBound
    }
    self.init(joining: ordered[chosen])
  }

  /// The text of passages that follow one another: overlaps once, what lies between them as line breaks, so that
  /// offsets stay true.
  init(joining passages: some Sequence<StoredPassage>) {
    var scalars = String.UnicodeScalarView()
    var start: Int?
    var end = 0
    for passage in passages {
      let first = start ?? passage.start
      if start == nil {
        start = first
        end = first
      }
      while end < passage.start {
        scalars.append(passage.start - end > 2 ? " " : "\n")
        end += 1
      }
      scalars.append(contentsOf: passage.text.unicodeScalars.dropFirst(end - passage.start))
      end = max(end, passage.end)
    }
    self.init(text: String(scalars), start: start ?? 0, end: end)
  }

  init(text: String, start: Int, end: Int) {
    self.text = text
    self.start = start
    self.end = end
  }
}
