import Foundation
import Testing

@testable import myapp

@Suite("Metrics of a ranking")
struct RankingMetricsTests {
  @Test("One answer, by its place")
  func single() {
    let third = RankingMetrics(found: [nil, nil, "a", "a"], relevant: 1)
    #expect(third.recall(at: 1) == 0 && third.recall(at: 5) == 1 && abs(third.reciprocalRank - 1 / 3) < 1e-12)
    #expect(abs(third.ndcg(at: 10) - 1 / log2(4)) < 1e-12)
    #expect(RankingMetrics(found: ["a"], relevant: 1).ndcg(at: 10) == 1)
    #expect(RankingMetrics(found: [nil], relevant: 1).ndcg(at: 10) == 0)
  }

  @Test("Two answers: recall is the share found, the ideal has both in front")
  func two() {
    let both = RankingMetrics(found: ["a", nil, "b"], relevant: 2)
    #expect(both.recall(at: 1) == 0.5 && both.recall(at: 5) == 1)
    #expect(abs(both.ndcg(at: 10) - (1 + 1 / log2(4)) / (1 + 1 / log2(3))) < 1e-12)
    #expect(RankingMetrics(found: [], relevant: 0).recall(at: 5) == 0)
  }
}
