import Foundation

/// How well one ranking served one question. Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 8.4.
struct RankingMetrics: Sendable, Hashable {
  /// Place of each section that answers, from 1, in the order of places; at most one place for a section.
  var places: [Int]
  /// Sections that answer.
  var relevant: Int

  /// - Parameter found: for each place of the ranking the section that it holds, or `nil` for one that does not answer.
  init(found: [String?], relevant: Int) {
    var seen: Set<String> = []
    places = found.enumerated().compactMap { place, section in
      section.flatMap { seen.insert($0).inserted ? place + 1 : nil }
    }
    self.relevant = relevant
  }

  func recall(at k: Int) -> Double {
    relevant > 0 ? Double(places.count { $0 <= k }) / Double(relevant) : 0
  }

  var reciprocalRank: Double { places.first.map { 1 / Double($0) } ?? 0 }

  /// With relevance 0 or 1, in the first `k` places.
  func ndcg(at k: Int) -> Double {
    let gain = places.filter { $0 <= k }.reduce(0) { $0 + 1 / log2(Double($1) + 1) }
    let ideal = (1...max(min(relevant, k), 1)).reduce(0) { $0 + 1 / log2(Double($1) + 1) }
    return gain / ideal
  }
}
