import Testing

@testable import myapp

@Suite("Reciprocal rank fusion")
struct ReciprocalRankFusionTests {
  @Test("What both lists have is ahead of what one has, and places decide")
  func fusion() {
    let fused = ReciprocalRankFusion.fuse([(["a", "b", "c"], 1), (["b", "d"], 1)])
    #expect(fused.map(\.id) == ["b", "a", "d", "c"])
    #expect(abs(fused[0].score - (1 / 62 + 1 / 61)) < 1e-12)
  }

  @Test("A list of less weight moves less; equal scores are in the order of their ids")
  func weights() {
    #expect(ReciprocalRankFusion.fuse([(["a"], 1), (["b"], 0.5)]).map(\.id) == ["a", "b"])
    #expect(ReciprocalRankFusion.fuse([(["b"], 1), (["a"], 1)]).map(\.id) == ["a", "b"])
    #expect(ReciprocalRankFusion.fuse([([], 1)]).isEmpty)
  }
}
