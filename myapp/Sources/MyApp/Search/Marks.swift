/// Where a question's words stand in a passage.
enum Marks {
  static func add(_ query: KeywordQuery, to hits: [SearchHit]) -> [SearchHit] {
    hits.map { hit in
      var hit = hit
      hit.marks = ranges(of: query, in: hit.passage.text)
      return hit
    }
  }

  /// In Unicode scalars of the text.
  static func ranges(of query: KeywordQuery, in text: String) -> [Range<Int>] {
    guard !query.terms.isEmpty else { return [] }
    return Words.of(text).filter { word in query.terms.contains { $0.matches(word.text) } }.map(\.range)
  }
}
