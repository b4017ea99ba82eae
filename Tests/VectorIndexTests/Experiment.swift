import ChromaTestSupport
import Testing
@testable import VectorIndex

@Test("exp")
func experiment() throws {
  var lostAll = 0, liveAll = 0
  var hist = [Int: Int](), lostHist = [Int: Int]()
  for seed in 1...12 as ClosedRange<UInt64> {
  for clustered in [false, true] {
    let dimension = 32
    let count = 4000
    var generator = SeededGenerator(seed: seed)
    var vectors = clustered ? TestVectors.clustered(count, dimension: dimension, seed: seed) : TestVectors.random(count, dimension: dimension, seed: seed)
    let index = HNSWIndex(dimension: dimension, metric: .l2)
    try index.append(vectors.values)
    index.linkAll()
    var live = [Bool](repeating: true, count: count)
    for row in 0..<count where Bool.random(using: &generator) { live[row] = false }
    for row in 0..<count where live[row] && Double.random(in: 0..<1, using: &generator) < 0.3 {
      live[row] = false
      live.append(true)
      if Bool.random(using: &generator) { vectors.values += vectors[row] } else {
        for _ in 0..<dimension { vectors.values.append(generator.nextGaussian()) } }
    }
    try index.append(Array(vectors.values.dropFirst(count * dimension)))
    index.linkAll()
    var indeg = [Int](repeating: 0, count: vectors.count)
    let tmp = UnsafeMutablePointer<UInt32>.allocate(capacity: 100)
    for r in 0..<vectors.count { let c = index.links.links(UInt32(r), level: 0).copy(to: tmp, limit: 32); for i in 0..<c { indeg[Int(tmp[i] & rowMask)] += 1 } }
    for r in 0..<vectors.count { hist[min(indeg[r], 12), default: 0] += 1 }
    for subset in [true, false] {
    let rows = OwnedRowSet(rowCount: vectors.count) { !subset || live[$0] }
    for row in 0..<vectors.count where !subset || live[row] {
      liveAll += 1
      let first = try index.search(vectors[row], k: 1, ef: 100, within: rows).neighbors.first
      if first?.distance != 0 { lostAll += 1; lostHist[indeg[row], default: 0] += 1; print("lost", clustered, seed, subset, row, indeg[row]) }
    }
    }
  }
  }
  print("lost \(lostAll) of \(liveAll); in-degrees", hist.sorted { $0.key < $1.key }, "lost:", lostHist)
}
