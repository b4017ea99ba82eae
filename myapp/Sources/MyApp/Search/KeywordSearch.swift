import ChromaClient
import Foundation

/// Search by words, in a database that has regular expressions but no ranking of its own.
///
/// For each term the database names the passages that hold it; they are ranked here by BM25, of which the database gave the
/// document frequencies. Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), 3.4.
struct KeywordSearch: Sendable {
  let collection: Collection

  /// Passages of a term that are looked at; a term in more of them says little.
  static let passagesPerTerm = 2000
  /// Candidates whose text is fetched and ranked, and those tied with the last of them.
  static let rankedCandidates = 100
  /// Ties end here: beyond it the word is in so many passages that which of them comes first says little.
  static let tiedCandidates = 300

  /// Best first.
  func search(_ query: KeywordQuery, limit: Int, where filter: Where?) async throws -> [SearchHit] {
    guard !query.terms.isEmpty else { return [] }
    let total = try await collection.count()
    guard total > 0 else { return [] }
    let found = try await candidates(query, where: filter)
    let weights = found.map { Self.inverseDocumentFrequency($0.count, of: total) }
    // Which texts to fetch: those with the rarest terms first.
    var bounds: [String: Double] = [:]
    for (ids, weight) in zip(found, weights) { for id in ids { bounds[id, default: 0] += weight } }
    let ordered = bounds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    guard let last = ordered.prefix(Self.rankedCandidates).last else { return [] }
    let ranked = ordered.prefix(Self.tiedCandidates).prefix { $0.value >= last.value }.map(\.key)
    let passages = try await collection.get(ids: ranked).compactMap(StoredPassage.init)
    let scorer = KeywordScorer(zip(query.terms, weights))
    let hits = passages.map { passage in
      let score = scorer.score(passage.heading + "\n" + passage.text)
      var hit = SearchHit(passage: passage, score: score.bm25)
      hit.coverage = score.coverage
      return hit
    }
    return Array(
      hits.filter { $0.score > 0 }.sorted { ($1.score, $0.passage.id) < ($0.score, $1.passage.id) }.prefix(limit))
  }

  /// For each term the ids of passages that hold it.
  private func candidates(_ query: KeywordQuery, where filter: Where?) async throws -> [[String]] {
    try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
      for (place, term) in query.terms.enumerated() {
        group.addTask {
          let expression = try RegularExpression(term.pattern)
          let test = Where.document(.matches(expression))
          let records = try await collection.get(
            where: filter.map { .and([$0, test]) } ?? test, limit: Self.passagesPerTerm, include: [])
          return (place, records.map(\.id))
        }
      }
      var found = [[String]](repeating: [], count: query.terms.count)
      for try await (place, ids) in group { found[place] = ids }
      return found
    }
  }

  /// Never negative.
  static func inverseDocumentFrequency(_ count: Int, of total: Int) -> Double {
    log(1 + (Double(total) - Double(count) + 0.5) / (Double(count) + 0.5))
  }
}
