import ChromaClient
import Foundation

/// A passage that answers a search.
struct SearchHit: Sendable, Hashable {
  var passage: StoredPassage
  /// What the list is ordered by: cosine, BM25, or the fused score.
  var score: Double
  /// Cosine of the angle to the question, where it is known.
  var similarity: Double?
  /// Share of the question's words that the passage holds, by their weights; 0 where words were not looked for.
  var coverage = 0.0
  /// Words of the question in the text, in Unicode scalars.
  var marks: [Range<Int>] = []

  init(passage: StoredPassage, score: Double, similarity: Double? = nil) {
    self.passage = passage
    self.score = score
    self.similarity = similarity
  }

  /// From an answer in cosine space.
  init?(_ match: Match) {
    guard let passage = StoredPassage(match.record), let distance = match.distance, distance.isFinite else {
      return nil
    }
    let similarity = 1 - Double(distance)
    self.init(passage: passage, score: similarity, similarity: similarity)
  }
}
