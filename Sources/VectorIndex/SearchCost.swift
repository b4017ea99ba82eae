/// What a search would cost each way, so that the caller can choose. A pure function of counts.
///
/// Times are nanoseconds of one thread; only their ratio matters. The scan's rate is that of float32 rows streaming from
/// memory (41 GB/s). The other constants are estimates, not fits: for 384 dimensions they give a walk 44 ns a distance
/// by codes and 75 ns by float32, where a loaded machine showed 57 and 100.
package struct SearchCost: Equatable, Sendable {
  /// One exact distance in a scan, a component: bounded by memory (41 GB/s of float32).
  static let scanPerComponent = 0.1
  /// One row of a scan besides, and one bit looked at.
  static let scanPerRow = 3.0
  static let scanPerBit = 0.02
  /// One distance on a walk, a component, by float32 and by codes: rows lie anywhere in memory.
  static let walkPerComponent = 0.13
  static let walkPerComponentByCodes = 0.05
  /// One node met besides: its tag, its place in the pool.
  static let walkPerRow = 25.0

  package let graph: Double
  package let exact: Double

  package var prefersExact: Bool { exact <= graph }

  /// - Parameters:
  ///   - allowed: rows that may be returned.
  ///   - rowCount: rows covered by the set.
  ///   - pending: rows not in the graph; those allowed are scanned either way.
  package init(
    allowed: Int, rowCount: Int, pending: Int, k: Int, ef: Int, dimension: Int, parameters: HNSWParameters
  ) {
    let allowed = Double(max(allowed, 0))
    let rowCount = Double(max(rowCount, 1))
    let share = min(1, max(allowed / rowCount, 1e-9))
    let width = Double((dimension + 15) & ~15)
    let scanned = Self.scanPerRow + width * Self.scanPerComponent
    exact = allowed * scanned + rowCount * Self.scanPerBit

    let linked = max(0, rowCount - Double(max(pending, 0)))
    let kept = Double(FilteredWalk.resultCount(wanted: max(k, 1), ef: max(ef, k), share: share)) / share
    // Half the links of a node lead to nodes met before.
    let met = min(linked, kept * Double(parameters.m))
    let usesCodes = parameters.usesCodes && VectorLayout.dimensionsForCodes.contains(dimension)
    let component = usesCodes ? Self.walkPerComponentByCodes : Self.walkPerComponent
    graph =
      met * (Self.walkPerRow + width * component)
      + min(Double(max(pending, 0)), rowCount) * share * scanned
  }
}
