import Testing
import VectorIndex

@Suite("Search cost")
struct SearchCostTests {
  private func cost(allowed: Int, of rows: Int, pending: Int = 0, k: Int = 10) -> SearchCost {
    SearchCost(
      allowed: allowed, rowCount: rows, pending: pending, k: k, ef: 100, dimension: 384,
      parameters: HNSWParameters())
  }

  @Test("The graph is preferred for many rows, the scan for few")
  func choice() {
    #expect(!cost(allowed: 1_000_000, of: 1_000_000).prefersScan)
    #expect(!cost(allowed: 500_000, of: 1_000_000).prefersScan)
    #expect(cost(allowed: 1000, of: 1_000_000).prefersScan)
    #expect(cost(allowed: 100, of: 100).prefersScan)
    #expect(cost(allowed: 2500, of: 50_000).prefersScan)
    // Measured with `vector-index-bench filter`: 160 µs for the scan and 253 for the walk, then 617 and 150.
    #expect(cost(allowed: 10_000, of: 50_000).prefersScan)
    #expect(!cost(allowed: 25_000, of: 50_000).prefersScan)
  }

  @Test("More allowed rows never make a scan of one kind cheaper, nor more waiting rows the graph")
  func monotonic() {
    // From the first number of rows that codes are for, a row takes less than one before.
    for kind in [0..<HNSWIndex.rowsWorthCodes, HNSWIndex.rowsWorthCodes..<100_000] {
      var last = cost(allowed: kind.lowerBound, of: 100_000)
      for allowed in stride(from: kind.lowerBound, to: kind.upperBound, by: 128) {
        let next = cost(allowed: allowed, of: 100_000)
        #expect(next.scan >= last.scan)
        last = next
      }
    }
    for waiting in [50_000, 99_000] {
      let few = cost(allowed: 90_000, of: 100_000, pending: 1000)
      #expect(cost(allowed: 90_000, of: 100_000, pending: waiting).graph > few.graph)
    }
  }

  @Test("Odd counts give finite costs")
  func odd() {
    for counts in [(-1, -1), (0, 0), (5, 0), (.max, .max)] {
      for k in [-1, 0, .max] {
        let cost = cost(allowed: counts.0, of: counts.1, pending: counts.0, k: k)
        #expect(cost.graph.isFinite && cost.scan.isFinite)
      }
    }
  }
}
