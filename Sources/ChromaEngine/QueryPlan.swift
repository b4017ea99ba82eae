/// How one query's vectors are looked up: decided from counts alone.
struct QueryPlan: Sendable, Hashable {
  enum Strategy: Sendable, Hashable {
    /// Nothing can be found.
    case none
    /// Every matching row is compared.
    case exactScan
    /// The graph is walked; rows that do not match lead the way but are not returned.
    case graph
  }

  /// Distances a walk computes for each place in its candidate list, at m = 16.
  static let distancesPerCandidate = 12.0
  /// A scan reads rows one behind another, a walk here and there.
  static let scanAdvantage = 2.0

  var strategy: Strategy
  /// Length of the candidate list on the graph.
  var ef: Int

  /// - Parameters:
  ///   - rows: rows of the index, dead ones included.
  ///   - matching: rows that may be returned.
  ///   - linked: rows that are in the graph.
  ///   - k: neighbours asked for.
  ///   - ef: the collection's candidate list.
  init(rows: Int, matching: Int, linked: Int, k: Int, ef: Int) {
    self.ef = max(ef, k)
    guard matching > 0, k > 0 else {
      strategy = .none
      return
    }
    // To fill its list a walk passes on the average rows / matching nodes for each it may keep.
    let passed = Double(self.ef) * Double(rows) / Double(matching)
    let walk = min(passed * Self.distancesPerCandidate, Double(rows))
    let scan = Double(matching) / Self.scanAdvantage
    strategy = linked == 0 || matching <= k || scan <= walk ? .exactScan : .graph
  }
}
