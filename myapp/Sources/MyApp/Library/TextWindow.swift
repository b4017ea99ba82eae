import Documents
import Embeddings

/// A stretch of a document around a passage.
struct TextWindow: Encodable, Sendable, Hashable {
  var text: String
  /// In Unicode scalars of the document.
  var start: Int
  var end: Int

  /// The passage with its neighbours, those of its own section first, until there are 400 word pieces; never more than
  /// 800 unless the passage itself has more.
  ///
  /// - Parameter neighbours: passages of the same document, in any order.
  init(around passage: StoredPassage, in neighbours: [StoredPassage], tokenizer: WordPieceTokenizer) {
    let ordered = neighbours.sorted { $0.ordinal < $1.ordinal }
    let place = ordered.firstIndex { $0.ordinal == passage.ordinal } ?? 0
    guard let window = PassageWindow.around(place, in: ordered.map(Passage.init), tokenizer: tokenizer) else {
      self.init(text: passage.text, start: passage.start, end: passage.end)
      return
    }
    self.init(text: window.text, start: window.range.lowerBound, end: window.range.upperBound)
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

extension Passage {
  fileprivate init(_ stored: StoredPassage) {
    self.init(
      ordinal: stored.ordinal, text: stored.text, range: stored.start..<max(stored.start, stored.end),
      section: [stored.section], page: stored.page, heading: stored.heading, pieces: 0)
  }
}
