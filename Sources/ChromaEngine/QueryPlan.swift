import ChromaModel

/// How one query's vectors are looked up: decided from counts alone.
struct QueryPlan: Sendable, Hashable {
  /// Candidates a walk keeps in order: with more, keeping the order costs more than a scan.
  static let longestWalk = 10_000

  var strategy: QueryExplanation.Plan
  /// Length of the candidate list on the graph.
  var ef: Int

  /// - Parameters:
  ///   - rows: rows of the index, dead ones included.
  ///   - matching: rows that may be returned.
  ///   - linked: rows that are in the graph.
  ///   - k: neighbours asked for.
  ///   - ef: the collection's candidate list.
  ///   - prefersScan: whether a scan of the matching rows is estimated to cost less than the walk.
  init(rows: Int, matching: Int, linked: Int, k: Int, ef: Int, prefersScan: Bool) {
    self.ef = max(ef, k)
    guard matching > 0, k > 0 else {
      strategy = .none
      return
    }
    let mustScan = linked == 0 || matching <= k || self.ef > Self.longestWalk
    strategy = mustScan || prefersScan ? .scan : .graph
  }
}
