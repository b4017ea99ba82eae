import ChromaTestSupport
import Testing
import VectorIndex

@Suite("HNSW search")
struct HNSWSearchTests {
  @Test("Recall at 10 with ef 100 is 0.99 or more on 10,000 clustered rows", arguments: DistanceMetric.allCases)
  func recallAfterBuild(metric: DistanceMetric) throws {
    let seed: UInt64 = 11
    let all = TestVectors.clustered(10_200, dimension: 64, seed: seed)
    let rows = Array(all.values.prefix(10_000 * 64))
    let queries = TestVectors(dimension: 64, values: Array(all.values.suffix(200 * 64)))
    let index = HNSWIndex(dimension: 64, metric: metric)
    try index.append(rows)
    index.linkAll()
    let recall = try index.recall(of: queries, k: 10, ef: 100, within: OwnedRowSet(rowCount: 10_000))
    #expect(recall >= 0.99, "seed \(seed), \(metric)")
    print("recall", metric, recall)
    for share in [0.5, 0.05, 0.005] {
      var generator = SeededGenerator(seed: seed)
      let allowed = OwnedRowSet(rowCount: 10_000) { _ in Double.random(in: 0..<1, using: &generator) < share }
      let recall = try index.recall(of: queries, k: 10, ef: 100, within: allowed)
      #expect(recall >= 0.99, "seed \(seed), \(metric), \(share) of the rows allowed")
      print("recall", metric, share, recall)
    }
  }
}

@Suite("Reachability")
struct ReachabilityTests {
  @Test("Each live row is its own nearest neighbour after churn", arguments: [false, true], [UInt64(1), 2, 3, 4])
  func churn(clustered: Bool, seed: UInt64) throws {
    let dimension = 32
    let count = 4000
    var generator = SeededGenerator(seed: seed)
    var vectors =
      clustered
      ? TestVectors.clustered(count, dimension: dimension, seed: seed)
      : TestVectors.random(count, dimension: dimension, seed: seed)
    let index = HNSWIndex(dimension: dimension, metric: .l2)
    try index.append(vectors.values)
    index.linkAll()
    var live = [Bool](repeating: true, count: count)
    for row in 0..<count where Bool.random(using: &generator) { live[row] = false }
    for row in 0..<count where live[row] && Double.random(in: 0..<1, using: &generator) < 0.3 {
      live[row] = false
      live.append(true)
      if Bool.random(using: &generator) {
        vectors.values += vectors[row]
      } else {
        for _ in 0..<dimension { vectors.values.append(generator.nextGaussian()) }
      }
    }
    try index.append(Array(vectors.values.dropFirst(count * dimension)))
    index.linkAll()
    let rows = OwnedRowSet(rowCount: vectors.count) { live[$0] }
    var lost = 0
    for row in 0..<vectors.count where live[row] {
      let first = try index.search(vectors[row], k: 1, ef: 100, within: rows).neighbors.first
      if first?.distance != 0 { lost += 1 }
    }
    #expect(lost == 0, "seed \(seed)")
  }
}
