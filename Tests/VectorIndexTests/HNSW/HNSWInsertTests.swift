import ChromaTestSupport
import Testing
import VectorIndex

@Suite("HNSW links")
struct HNSWInsertTests {
  @Test("Each live row is its own nearest neighbour after churn", arguments: [false, true], Array(UInt64(1)...12))
  func churn(clustered: Bool, seed: UInt64) throws {
    for (count, dimension) in [(4000, 32), (4000, 64), (999, 64), (1000, 64), (1001, 64)]
    where seed <= 6 || count == 4000 {
      var generator = SeededGenerator(seed: seed)
      var vectors =
        clustered
        ? TestVectors.clustered(count, dimension: dimension, seed: seed)
        : TestVectors.random(count, dimension: dimension, seed: seed)
      let index = HNSWIndex(dimension: dimension, metric: .l2, parameters: HNSWParameters(seed: seed))
      try index.append(vectors.values)
      index.linkAll()
      let live = vectors.churn(using: &generator)
      try index.append(Array(vectors.values.dropFirst(count * dimension)))
      index.linkAll()
      #expect(index.checkInvariants() == [], "seed \(seed)")
      let rows = OwnedRowSet(rowCount: vectors.count) { live[$0] }
      var lost: [Int] = []
      for row in 0..<vectors.count where live[row] {
        let first = try index.search(vectors[row], k: 1, ef: 100, within: rows).neighbors.first
        if first?.distance != 0 { lost.append(row) }
      }
      #expect(lost == [], "seed \(seed), \(count) rows of \(dimension)")
    }
  }

  @Test("Identical vectors, and more of them than links, are all found")
  func duplicates() throws {
    let index = HNSWIndex(dimension: 4, metric: .l2, parameters: HNSWParameters(m: 2, efConstruction: 1))
    try index.append([Float](repeating: 1, count: 4 * 500))
    try index.append([Float](repeating: 2, count: 4 * 500))
    index.linkAll()
    #expect(index.checkInvariants() == [])
    let rows = OwnedRowSet(rowCount: 1000)
    let found = try index.search([2, 2, 2, 2], k: 1000, within: rows).neighbors
    #expect(found.map(\.row) == Array(500..<1000) + Array(0..<500))
    #expect(found.prefix(500).allSatisfy { $0.distance == 0 })
  }

  @Test(
    "Rows among many equal ones are still their own nearest", arguments: [100, 1250, 5000], [UInt64(1), 2, 3])
  func crowdOfEquals(equal: Int, seed: UInt64) throws {
    let dimension = 64
    var vectors = TestVectors.clustered(1780, dimension: dimension, seed: seed).normalized()
    let crowd = Array(TestVectors.clustered(1, dimension: dimension, seed: seed + 100).normalized().values)
    let others = Array(vectors.values.suffix(100 * dimension))
    vectors.values.removeLast(100 * dimension)
    for _ in 0..<equal { vectors.values += crowd }
    vectors.values += others
    let index = HNSWIndex(dimension: dimension, metric: .cosine)
    try index.append(vectors.values)
    index.linkAll()
    let all = OwnedRowSet(rowCount: vectors.count)
    var lost: [Int] = []
    for row in Array(0..<1680) + Array((1680 + equal)..<vectors.count) {
      let found = try Array(vectors[row]).withUnsafeBufferPointer {
        try index.search($0, k: 1, ef: 100, within: all.set).neighbors
      }
      if Int(found[0].row) != row { lost.append(row) }
    }
    #expect(lost.count <= 2, "seed \(seed), of 1780 rows \(lost.count) are not found: \(lost.prefix(20))")
    #expect(index.checkInvariants() == [])
  }

  @Test("Any parameters make a whole graph", arguments: [0, 1, 2, 3, 5, 16, 48], [0, 1, 10, 100])
  func parameters(m: Int, efConstruction: Int) throws {
    let parameters = HNSWParameters(m: m, efConstruction: efConstruction)
    let vectors = TestVectors.clustered(600, dimension: 6, seed: 8)
    let index = HNSWIndex(dimension: 6, metric: .l2, parameters: parameters)
    try index.append(vectors.values)
    index.linkAll()
    #expect(index.linkedCount == 600)
    #expect(index.checkInvariants() == [], "m \(m), efConstruction \(efConstruction)")
  }

  @Test("Parameters from the wire are clamped")
  func clamping() {
    #expect(HNSWParameters(m: .min, efConstruction: .min) == HNSWParameters(m: 2, efConstruction: 1))
    #expect(HNSWParameters(m: .max, efConstruction: .max) == HNSWParameters(m: 256, efConstruction: 10_000))
  }

  @Test("Rows that are dead when their turn comes stay out of the graph but not out of old sets")
  func skipped() throws {
    let vectors = TestVectors.random(300, dimension: 8, seed: 2)
    let index = HNSWIndex(dimension: 8, metric: .l2)
    try index.append(vectors.values)
    let live = OwnedRowSet(rowCount: 200) { $0 % 2 == 0 }
    #expect(index.link(atMost: 1000, live: live.set) == 200)
    #expect(index.link(atMost: 1000, live: live.set) == 0)
    #expect(index.linkedCount == 100 && index.pendingCount == 100)
    let all = OwnedRowSet(rowCount: 300)
    for row in [0, 1, 199, 250] {
      #expect(try index.search(vectors[row], k: 1, within: all).neighbors.first?.row == UInt32(row))
    }
  }

  @Test("Searches give no wrong row while others append and link")
  func concurrency() async throws {
    let seed: UInt64 = 21
    let dimension = 72
    let count = 3000
    let vectors = TestVectors.clustered(count, dimension: dimension, seed: seed)
    let index = HNSWIndex(dimension: dimension, metric: .l2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for start in stride(from: 0, to: count, by: 50) {
          try index.append(Array(vectors.values[(start * dimension)..<((start + 50) * dimension)]))
        }
      }
      for _ in 0..<2 {
        group.addTask { while index.linkedCount < count { if index.link(atMost: 7) == 0 { await Task.yield() } } }
      }
      for searcher in 0..<2 {
        group.addTask {
          var generator = SeededGenerator(seed: seed + UInt64(searcher))
          while index.linkedCount < count {
            let rowCount = index.rowCount
            guard rowCount > 0 else {
              await Task.yield()
              continue
            }
            let rows = OwnedRowSet(rowCount: rowCount) { searcher == 0 || $0 % 2 == 0 }
            let row = Int.random(in: 0..<rowCount, using: &generator) & ~1
            let found = try index.search(vectors[row], k: 10, within: rows).neighbors
            #expect(found.first == Neighbor(row: UInt32(row), distance: 0), "seed \(seed)")
            #expect(found.count == min(10, rows.count))
            #expect(Set(found.map(\.row)).count == found.count)
            #expect(found.allSatisfy { $0.row < rowCount && (searcher == 0 || $0.row % 2 == 0) })
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(index.checkInvariants() == [])
    let rows = OwnedRowSet(rowCount: count)
    #expect(try index.recall(of: vectors, k: 10, ef: 100, within: rows) >= 0.99)
  }
}
