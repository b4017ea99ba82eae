import ChromaClient
import Embeddings

/// More like what somebody liked, and less like what they did not.
struct Recommendation: Sendable {
  let library: Library

  /// How far an example that was disliked pushes away.
  static let dislike: Float = 0.5

  /// Nearest first; the examples themselves are left out.
  ///
  /// - Throws: ``UnknownPassage`` when an example is not in the library.
  func hits(liked: [String], disliked: [String], limit: Int) async throws -> [SearchHit] {
    let examples = liked + disliked
    let records = try await library.collection.get(ids: examples, include: [.embeddings])
    let vectors = Dictionary(
      records.compactMap { record in record.embedding.map { (record.id, $0) } }, uniquingKeysWith: { first, _ in first }
    )
    if let missing = examples.first(where: { vectors[$0] == nil }) { throw UnknownPassage(id: missing) }
    let target = Self.target(liked: liked.compactMap { vectors[$0] }, disliked: disliked.compactMap { vectors[$0] })
    let found = try await Searcher(library: library).dense(
      EmbeddingBatch([target]), limit: limit + Set(examples).count)
    return Array(found.filter { !examples.contains($0.passage.id) }.prefix(limit))
  }

  /// Rocchio: the mean of the liked less half the mean of the disliked.
  ///
  /// Rocchio, "Relevance Feedback in Information Retrieval" (1971).
  static func target(liked: [[Float]], disliked: [[Float]]) -> [Float] {
    let mean = Self.mean(liked)
    let away = Self.mean(disliked)
    guard !away.isEmpty else { return mean }
    guard !mean.isEmpty else { return away.map { -$0 } }
    return zip(mean, away).map { $0 - dislike * $1 }
  }

  private static func mean(_ vectors: [[Float]]) -> [Float] {
    guard var sum = vectors.first else { return [] }
    for vector in vectors.dropFirst() { for (place, value) in zip(sum.indices, vector) { sum[place] += value } }
    return sum.map { $0 / Float(vectors.count) }
  }
}

struct UnknownPassage: Error, Hashable, Sendable {
  var id: String
}
