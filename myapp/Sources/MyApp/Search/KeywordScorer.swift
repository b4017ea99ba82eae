/// BM25 of one text for the terms of a question.
///
/// Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), 3.4, equation 3.15.
struct KeywordScorer: Sendable {
  private let terms: [(term: KeywordQuery.Term, weight: Double)]

  /// How fast repeats stop to count, and how much long texts are held back.
  static let k = 1.2
  static let b = 0.75
  /// In words; passages are about this long.
  static let averageLength = 90.0

  /// - Parameter weights: each term's inverse document frequency.
  init(_ weights: some Sequence<(KeywordQuery.Term, Double)>) {
    terms = Array(weights)
  }

  struct Score: Sendable, Hashable {
    /// 0 when the text holds none of the words.
    var bm25: Double
    /// Share of the question's words that the text holds, by their weights: 1 when it holds them all.
    var coverage: Double
  }

  /// - Complexity: O(length of the text); only words that begin like a term are stemmed.
  func score(_ text: String) -> Score {
    let words = Words.of(text)
    var counts = [Double](repeating: 0, count: terms.count)
    for word in words {
      for (place, entry) in terms.enumerated() where entry.term.matches(word.text) { counts[place] += 1 }
    }
    let length = 1 - Self.b + Self.b * Double(words.count) / Self.averageLength
    var (bm25, held, all) = (0.0, 0.0, 0.0)
    for (entry, count) in zip(terms, counts) {
      bm25 += entry.weight * count * (Self.k + 1) / (count + Self.k * length)
      all += entry.weight
      if count > 0 { held += entry.weight }
    }
    return Score(bm25: bm25, coverage: all > 0 ? held / all : 0)
  }
}
