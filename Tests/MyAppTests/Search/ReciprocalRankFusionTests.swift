import Testing

@testable import myapp

@Suite("Reciprocal rank fusion")
struct ReciprocalRankFusionTests {
  private func list(_ ids: [String], weight: Double = 1) -> [(id: String, weight: Double)] { ids.map { ($0, weight) } }

  @Test("What both lists have is ahead of what one has, and places decide")
  func fusion() {
    let fused = ReciprocalRankFusion.fuse([list(["a", "b", "c"]), list(["b", "d"])])
    #expect(fused.map(\.id) == ["b", "a", "d", "c"])
    #expect(abs(fused[0].score - (1 / 62 + 1 / 61)) < 1e-12)
  }

  @Test("A place of less weight moves less; equal scores are in the order of their ids")
  func weights() {
    #expect(ReciprocalRankFusion.fuse([list(["a"]), list(["b"], weight: 0.5)]).map(\.id) == ["a", "b"])
    #expect(ReciprocalRankFusion.fuse([list(["b"]), list(["a"])]).map(\.id) == ["a", "b"])
    #expect(ReciprocalRankFusion.fuse([[]]).isEmpty)
  }
}
