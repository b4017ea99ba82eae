import ChromaClient

/// Passages that say nearly the same.
struct Duplicates: Sendable {
  struct Pair: Sendable, Hashable {
    var similarity: Double
    var first: StoredPassage
    var second: StoredPassage
  }

  enum Event: Sendable {
    case progress(done: Int, total: Int)
    case pair(Pair)
  }

  let library: Library

  static let passagesAtOnce = 100
  /// Near ones looked at for each passage; itself is among them.
  static let neighbours = 6

  /// Asks for the neighbours of every passage, many passages in one query.
  ///
  /// Passages of one document that overlap are no duplicates.
  /// - Parameter limit: most pairs; it ends when there are so many.
  /// - Returns: how many passages were compared.
  func find(
    threshold: Double, limit: Int, topic: String?, emit: (Event) async throws -> Void
  ) async throws -> Int {
    let predicate = SearchFilter(topic: topic).predicate
    let ids = try await library.collection.get(where: predicate, include: []).map(\.id)
    var seen: Set<Set<String>> = []
    var found = 0
    var compared = 0
    for start in stride(from: 0, to: ids.count, by: Self.passagesAtOnce) {
      try Task.checkCancellation()
      let part = Array(ids[start..<min(start + Self.passagesAtOnce, ids.count)])
      let records = try await library.collection.get(ids: part, include: [.documents, .metadatas, .embeddings])
        .filter { $0.embedding != nil }
      let vectors = records.compactMap(\.embedding)
      compared += vectors.count
      guard !vectors.isEmpty else { continue }
      let answers = try await library.collection.query(
        EmbeddingBatch(vectors), limit: Self.neighbours, where: predicate)
      for (record, matches) in zip(records, answers) {
        guard let passage = StoredPassage(record) else { continue }
        for hit in matches.compactMap(SearchHit.init) where hit.passage.id != passage.id {
          guard let similarity = hit.similarity, similarity >= threshold, !Self.overlap(passage, hit.passage),
            seen.insert([passage.id, hit.passage.id]).inserted
          else { continue }
          try await emit(.pair(Pair(similarity: similarity, first: passage, second: hit.passage)))
          found += 1
          if found == limit { return compared }
        }
      }
      try await emit(.progress(done: start + part.count, total: ids.count))
    }
    return compared
  }

  static func overlap(_ first: StoredPassage, _ second: StoredPassage) -> Bool {
    first.source == second.source && first.start < second.end && second.start < first.end
  }
}
