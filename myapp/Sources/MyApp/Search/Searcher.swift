import ChromaClient
import Embeddings
import Foundation

enum SearchMode: String, Sendable, CaseIterable {
  /// By meaning.
  case dense
  /// By words.
  case keyword
  case fused
  /// All three, side by side.
  case compare
}

/// Lists by their names, and what they took.
struct SearchAnswer: Sendable {
  var lists: [SearchMode: [SearchHit]] = [:]
  var embedding: Duration = .zero
  var search: Duration = .zero
}

/// Finds passages by meaning, by words, and by both.
struct Searcher: Sendable {
  let library: Library

  /// How deep the lists go that are fused.
  static let depth = 50
  /// Share of the question's words that a passage must hold to count in the ranking by words. Questions in other words than
  /// the text's are the rule, and what happens to share one of them is noise.
  static let leastCoverage = 0.6

  func search(
    _ text: String, mode: SearchMode, limit: Int, filter: SearchFilter = SearchFilter()
  ) async throws -> SearchAnswer {
    let query = KeywordQuery(text)
    let clock = ContinuousClock()
    let start = clock.now
    var answer = SearchAnswer()
    var vector: EmbeddingBatch?
    if mode != .keyword {
      vector = try await library.embedder.embed([text])
      answer.embedding = clock.now - start
    }
    let embedded = clock.now
    answer.lists = try await lists(query, vector, mode: mode, limit: limit, filter: filter)
    answer.search = clock.now - embedded
    answer.lists = answer.lists.mapValues { Marks.add(query, to: $0) }
    return answer
  }

  private func lists(
    _ query: KeywordQuery, _ vector: EmbeddingBatch?, mode: SearchMode, limit: Int, filter: SearchFilter
  ) async throws -> [SearchMode: [SearchHit]] {
    let predicate = filter.predicate
    let deep = mode == .dense || mode == .keyword ? limit : max(limit, Self.depth)
    async let dense = nearest(vector, limit: deep, where: predicate)
    async let keyword = withWords(mode == .dense ? nil : query, limit: deep, where: predicate)
    var lists: [SearchMode: [SearchHit]] = [:]
    let (byMeaning, byWords) = try await (dense, keyword)
    if mode == .dense || mode == .compare { lists[.dense] = Array(byMeaning.prefix(limit)) }
    if mode == .keyword || mode == .compare { lists[.keyword] = Array(byWords.prefix(limit)) }
    if mode == .fused || mode == .compare { lists[.fused] = Array(Self.fuse(byMeaning, byWords).prefix(limit)) }
    return lists
  }

  private func nearest(_ vector: EmbeddingBatch?, limit: Int, where predicate: Where?) async throws -> [SearchHit] {
    guard let vector else { return [] }
    return try await dense(vector, limit: limit, where: predicate)
  }

  private func withWords(_ query: KeywordQuery?, limit: Int, where predicate: Where?) async throws -> [SearchHit] {
    guard let query else { return [] }
    return try await KeywordSearch(collection: library.collection).search(query, limit: limit, where: predicate)
  }

  /// Nearest first.
  func dense(_ vector: EmbeddingBatch, limit: Int, where predicate: Where? = nil) async throws -> [SearchHit] {
    try await library.collection.query(vector, limit: limit, where: predicate).first?.compactMap(SearchHit.init) ?? []
  }

  static func fuse(_ dense: [SearchHit], _ keyword: [SearchHit]) -> [SearchHit] {
    let hits = Dictionary((dense + keyword).map { ($0.passage.id, $0) }, uniquingKeysWith: { first, _ in first })
    let ranking = ReciprocalRankFusion.fuse([
      dense.map { ($0.passage.id, 1) },
      keyword.filter { $0.coverage >= leastCoverage }.map { ($0.passage.id, $0.coverage) },
    ])
    return ranking.compactMap { id, score in
      hits[id].map { SearchHit(passage: $0.passage, score: score, similarity: $0.similarity) }
    }
  }
}
