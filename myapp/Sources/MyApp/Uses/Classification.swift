import ChromaClient
import Embeddings

/// The label of a text, by the labels of the passages nearest to it.
struct Classification: Sendable {
  struct Vote: Sendable, Hashable {
    var label: String
    /// Share of all weight.
    var weight: Double
    var count: Int
  }

  var votes: [Vote]
  var neighbours: [SearchHit]

  /// The label with the most weight; `nil` when no neighbour has one.
  var label: String? { votes.first?.label }
  var confidence: Double { votes.first?.weight ?? 0 }

  /// - Parameter neighbours: nearest first; those without a topic do not vote.
  init(neighbours: [SearchHit]) {
    self.neighbours = neighbours.filter { $0.passage.topic != nil }
    var weights: [String: (weight: Double, count: Int)] = [:]
    for hit in self.neighbours {
      guard let topic = hit.passage.topic else { continue }
      // Near ones count for more; one that points away does not count.
      weights[topic, default: (0, 0)].weight += max(hit.similarity ?? 0, 0)
      weights[topic, default: (0, 0)].count += 1
    }
    let total = weights.values.reduce(0) { $0 + $1.weight }
    votes =
      weights.map { Vote(label: $0.key, weight: total > 0 ? $0.value.weight / total : 0, count: $0.value.count) }
      .sorted { ($1.weight, $0.label) < ($0.weight, $1.label) }
  }

  static func classify(_ text: String, neighbours: Int, library: Library) async throws -> Classification {
    let vector = try await library.embedder.embed([text])
    // Some passages may have no topic.
    return Classification(
      neighbours: Array(
        try await Searcher(library: library).dense(vector, limit: neighbours * 2).filter {
          $0.passage.topic != nil
        }.prefix(neighbours)))
  }
}
