import VectorIndex

/// How one query's vectors are looked up: decided from counts alone.
public struct QueryPlan: Sendable, Hashable {
  public enum Strategy: Sendable, Hashable {
    /// Nothing can be found.
    case none
    /// Every matching row is compared.
    case exactScan
    /// The graph is walked; rows that do not match lead the way but are not returned.
    case graph
  }

  public var strategy: Strategy
  /// Length of the candidate list on the graph.
  public var ef: Int

  /// - Parameters:
  ///   - rows: rows of the index, dead ones included.
  ///   - matching: rows that may be returned.
  ///   - linked: rows that are in the graph.
  ///   - k: neighbours asked for.
  ///   - ef: the collection's candidate list.
  ///   - cost: estimated work of a walk over the graph and of a scan, in the same unit.
  init(rows: Int, matching: Int, linked: Int, k: Int, ef: Int, cost: (walk: Double, scan: Double)) {
    self.ef = max(ef, k)
    if matching == 0 || k == 0 {
      strategy = .none
    } else if linked == 0 || matching <= k || cost.scan <= cost.walk {
      strategy = .exactScan
    } else {
      strategy = .graph
    }
  }
}
