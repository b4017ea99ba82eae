/// Joins rankings by the places in them, which compare where scores do not.
///
/// Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion" (SIGIR 2009); each place with a weight.
enum ReciprocalRankFusion {
  static let k = 60.0

  /// - Returns: every id of the rankings with its score, best first; equal scores in order of the ids.
  static func fuse(_ rankings: [[(id: String, weight: Double)]]) -> [(id: String, score: Double)] {
    var scores: [String: Double] = [:]
    for ranking in rankings {
      for (place, entry) in ranking.enumerated() {
        scores[entry.id, default: 0] += entry.weight / (k + Double(place + 1))
      }
    }
    return scores.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }
}
