/// Where a question's words stand in a passage.
enum Marks {
  static func add(_ query: KeywordQuery, to hits: [SearchHit]) -> [SearchHit] {
    let stems = Set(query.terms.map(\.stem))
    return hits.map { hit in
      var hit = hit
      hit.marks = ranges(of: stems, in: hit.passage.text)
      return hit
    }
  }

  static func ranges(of stems: Set<String>, in text: String) -> [Range<Int>] {
    guard !stems.isEmpty else { return [] }
    return Words.of(text).filter { word in Words.stem(word.text).map(stems.contains) ?? false }.map(\.range)
  }
}
