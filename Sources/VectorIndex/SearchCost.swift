/// What a search would cost each way, so that the caller can choose. A pure function of counts.
///
/// Times are nanoseconds of one thread; only their ratio matters. They are fitted to `vector-index-bench filter` on
/// 50,000 rows of 384 dimensions: a scan by codes took 15 to 20 ns a row and one of float32 28 to 50, a walk 62 ns a
/// distance by codes and 125 by float32.
package struct SearchCost: Equatable, Sendable {
  /// One distance in a scan, a component, by float32 and by codes: rows in their order, read ahead.
  static let scanPerComponent = 0.1
  static let scanPerComponentByCodes = 0.035
  /// One row of a scan besides, and one bit looked at.
  static let scanPerRow = 4.0
  static let scanPerBit = 0.02
  /// One distance on a walk, a component, by float32 and by codes: rows lie anywhere in memory.
  static let walkPerComponent = 0.26
  static let walkPerComponentByCodes = 0.09
  /// One node met besides: its tag, its place in the pool.
  static let walkPerRow = 27.0

  package let graph: Double
  package let scan: Double

  package var prefersScan: Bool { scan <= graph }

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
    let usesCodes = parameters.usesCodes && VectorLayout.dimensionsForCodes.contains(dimension)
    let measured = Double(HNSWIndex.keptByScan(wanted: max(k, 1)))
    let exactly = Self.scanPerRow + width * Self.scanPerComponent
    let byCodes = Self.scanPerRow + width * Self.scanPerComponentByCodes
    func scanning(_ rows: Double) -> Double {
      guard usesCodes, rows >= Double(HNSWIndex.rowsWorthCodes), measured < rows / 4 else { return rows * exactly }
      return rows * byCodes + measured * exactly
    }
    scan = scanning(allowed) + rowCount * Self.scanPerBit

    let waiting = min(Double(max(pending, 0)), rowCount)
    let kept = Double(FilteredWalk.resultCount(wanted: max(k, 1), ef: max(ef, k), share: share)) / share
    // Half the links of a node lead to nodes met before.
    let met = min(rowCount - waiting, kept * Double(parameters.m))
    let component = usesCodes ? Self.walkPerComponentByCodes : Self.walkPerComponent
    graph = met * (Self.walkPerRow + width * component) + scanning(waiting * share)
  }
}
