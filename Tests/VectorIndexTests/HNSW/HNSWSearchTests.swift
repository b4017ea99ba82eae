import ChromaTestSupport
import Testing
import VectorIndex

@Suite("HNSW search")
struct HNSWSearchTests {
  static let shares = [0.5, 0.05, 0.005]

  @Test("Recall at 10 with ef 100 is 0.99 or more after build, inserts and deletes", arguments: DistanceMetric.allCases)
  func recall(metric: DistanceMetric) throws {
    let seed: UInt64 = 11
    let dimension = 64
    var all = TestVectors.clustered(15_200, dimension: dimension, seed: seed)
    if metric == .ip { all = all.normalized() }
    let queries = TestVectors(dimension: dimension, values: Array(all.values.suffix(200 * dimension)))
    let index = HNSWIndex(dimension: dimension, metric: metric)
    try index.append(Array(all.values.prefix(10_000 * dimension)))
    index.linkAll()
    let built = OwnedRowSet(rowCount: 10_000)
    #expect(try index.recall(of: queries, k: 10, ef: 100, within: built) >= 0.99, "seed \(seed)")
    for share in Self.shares {
      var generator = SeededGenerator(seed: seed)
      let allowed = OwnedRowSet(rowCount: 10_000) { _ in Double.random(in: 0..<1, using: &generator) < share }
      let recall = try index.recall(of: queries, k: 10, ef: 100, within: allowed)
      #expect(recall >= 0.99, "seed \(seed), \(share) of the rows allowed")
    }

    try index.append(Array(all.values[(10_000 * dimension)..<(15_000 * dimension)]))
    let grown = OwnedRowSet(rowCount: 15_000)
    #expect(try index.recall(of: queries, k: 10, ef: 100, within: grown) >= 0.99, "seed \(seed), waiting rows")
    index.linkAll()
    #expect(try index.recall(of: queries, k: 10, ef: 100, within: grown) >= 0.99, "seed \(seed), after inserts")
    var generator = SeededGenerator(seed: seed)
    let live = OwnedRowSet(rowCount: 15_000) { $0 >= 10_000 || Bool.random(using: &generator) }
    #expect(try index.recall(of: queries, k: 10, ef: 100, within: live) >= 0.99, "seed \(seed), half dead")
    #expect(index.checkInvariants() == [])
  }

  @Test("A walk on codes finds as many as a walk on float32", arguments: DistanceMetric.allCases)
  func codes(metric: DistanceMetric) throws {
    let dimension = 128
    let all = TestVectors.clustered(5200, dimension: dimension, seed: 5)
    let queries = TestVectors(dimension: dimension, values: Array(all.values.suffix(200 * dimension)))
    let index = HNSWIndex(dimension: dimension, metric: metric)
    try index.append(Array(all.values.prefix(5000 * dimension)))
    index.linkAll()
    let rows = OwnedRowSet(rowCount: 5000)
    let byCodes = try index.recall(of: queries, k: 10, ef: 100, within: rows)
    let byFloats = try index.recall(of: queries, k: 10, ef: 100, within: rows, strategy: .graphFloat32)
    #expect(byCodes >= byFloats - 0.002)
  }

  @Test("As many wanted as the list is long are found by one walk on codes, without another on float32")
  func listsAsLongAsWanted() throws {
    let dimension = 128
    let all = TestVectors.clustered(5100, dimension: dimension, seed: 6)
    let index = HNSWIndex(dimension: dimension, metric: .cosine)
    try index.append(Array(all.values.prefix(5000 * dimension)))
    index.linkAll()
    let rows = OwnedRowSet(rowCount: 5000)
    for k in [30, 100, 300] {
      var (byCodes, byFloats) = (0, 0)
      for query in 5000..<5100 {
        byCodes += try index.search(all[query], k: k, ef: k, within: rows).distances
        byFloats += try index.search(all[query], k: k, ef: k, within: rows, strategy: .graphFloat32).distances
      }
      #expect(byCodes < byFloats * 17 / 10, "\(k) wanted")
    }
  }

  @Test("Rows too alike for codes to tell apart are still found", arguments: DistanceMetric.allCases)
  func nearDuplicates(metric: DistanceMetric) throws {
    let dimension = 96
    let seed: UInt64 = 13
    var vectors = TestVectors(dimension: dimension)
    let centres = TestVectors.random(4, dimension: dimension, seed: seed)
    var generator = SeededGenerator(seed: seed)
    for row in 0..<2000 { vectors.values += centres[row % 4].map { $0 + 1e-3 * generator.nextGaussian() } }
    if metric == .ip { vectors = vectors.normalized() }
    let index = HNSWIndex(dimension: dimension, metric: metric)
    try index.append(vectors.values)
    index.linkAll()
    let rows = OwnedRowSet(rowCount: 2000)
    let queries = TestVectors(dimension: dimension, values: Array(vectors.values.prefix(200 * dimension)))
    let byCodes = try index.recall(of: queries, k: 10, ef: 100, within: rows)
    let byFloats = try index.recall(of: queries, k: 10, ef: 100, within: rows, strategy: .graphFloat32)
    #expect(byCodes >= byFloats - 0.002, "seed \(seed)")
    if metric == .l2 { #expect(byCodes >= 0.95) }
  }

  @Test("A scan by codes gives what an exact one does", arguments: DistanceMetric.allCases)
  func scanByCodes(metric: DistanceMetric) throws {
    let seed: UInt64 = 17
    let dimension = 96
    // Clouds that codes can tell apart, and others that they cannot.
    for spread: Float in [1, 0.3, 1e-3] {
      var vectors = TestVectors.clustered(6000, dimension: dimension, seed: seed, spread: spread)
      if metric == .ip { vectors = vectors.normalized() }
      let index = HNSWIndex(dimension: dimension, metric: metric)
      try index.append(vectors.values)
      while index.linkedCount < 1500 { _ = index.link(atMost: 100) }
      for modulus in [1, 2] {
        let rows = OwnedRowSet(rowCount: 6000) { $0 % modulus == 0 }
        for query in stride(from: 0, to: 6000, by: 149) {
          for k in [1, 10, 60] {
            let expected = try index.search(vectors[query], k: k, within: rows, strategy: .exact)
            let found = try index.search(vectors[query], k: k, within: rows, strategy: .scan)
            #expect(found.neighbors == expected.neighbors, "seed \(seed), spread \(spread), query \(query), k \(k)")
          }
        }
      }
    }
  }

  @Test(
    "A scan by codes gives what an exact one does, of rows much longer than the query",
    arguments: [DistanceMetric.ip, .l2])
  func scanOfLongRows(metric: DistanceMetric) throws {
    let seed: UInt64 = 19
    let dimension = 128
    // Alike in direction, so that the codes' error is a good part of what tells them apart.
    var generator = SeededGenerator(seed: seed)
    let centre = (0..<dimension).map { _ in generator.nextGaussian() }
    var vectors = TestVectors(dimension: dimension)
    for _ in 0..<6000 { vectors.values += centre.map { 100 * ($0 + 0.02 * generator.nextGaussian()) } }
    let index = HNSWIndex(dimension: dimension, metric: metric)
    try index.append(vectors.values)
    let rows = OwnedRowSet(rowCount: 6000)
    for query in 0..<50 {
      let question = centre.map { 0.1 * ($0 + generator.nextGaussian()) }
      let expected = try index.search(question, k: 10, within: rows, strategy: .exact).neighbors
      let found = try index.search(question, k: 10, within: rows, strategy: .scan).neighbors
      #expect(found == expected, "seed \(seed), query \(query)")
    }
  }

  @Test("Exact distances and order agree with the definition", arguments: DistanceMetric.allCases)
  func exact(metric: DistanceMetric) throws {
    for dimension in [1, 3, 16, 65] {
      var vectors = TestVectors.random(300, dimension: dimension, seed: UInt64(dimension))
      for i in 0..<dimension { vectors.values[i] = 0 }
      let index = HNSWIndex(dimension: dimension, metric: metric)
      try index.append(vectors.values)
      let rows = OwnedRowSet(rowCount: 300) { $0 % 3 != 1 }
      for query in 0..<20 {
        let expected = (0..<300).filter { $0 % 3 != 1 }
          .map { Neighbor(row: UInt32($0), distance: metric.distance(vectors[query], vectors[$0])) }
          .sorted { ($0.distance, $0.row) < ($1.distance, $1.row) }
        let found = try index.search(vectors[query], k: 1000, within: rows, strategy: .exact).neighbors
        #expect(found.count == expected.count)
        #expect(Set(found.map(\.row)) == Set(expected.map(\.row)))
        for (a, b) in zip(found, expected) { #expect(abs(a.distance - b.distance) <= 1e-5 * (1 + abs(b.distance))) }
        for (a, b) in zip(found, found.dropFirst()) { #expect((a.distance, a.row) < (b.distance, b.row)) }
      }
    }
  }

  @Test("All levels of kernels give the same neighbours", arguments: KernelLevel.allCases)
  func kernels(level: KernelLevel) throws {
    let vectors = TestVectors.clustered(1000, dimension: 70, seed: 9)
    let index = HNSWIndex(dimension: 70, metric: .cosine, kernels: level)
    try index.append(vectors.values)
    index.linkAll()
    let rows = OwnedRowSet(rowCount: 1000)
    #expect(try index.recall(of: vectors, k: 5, ef: 100, within: rows) >= 0.99)
  }

  @Test("One graph gives the same neighbours with all levels of kernels", arguments: DistanceMetric.allCases)
  func sameNeighbours(metric: DistanceMetric) throws {
    let seed: UInt64 = 23
    let dimension = 100
    var vectors = TestVectors.clustered(3000, dimension: dimension, seed: seed)
    if metric == .ip { vectors = vectors.normalized() }
    let saved = HNSWIndex(dimension: dimension, metric: metric)
    try saved.append(vectors.values)
    saved.linkAll()
    var graph: [UInt8] = []
    try saved.encodeGraph(rows: 3000) { graph.append(contentsOf: $0) }
    let rows = OwnedRowSet(rowCount: 3000)
    for level in KernelLevel.allCases {
      let index = try graph.withUnsafeBytes { graph in
        let chunks = (0..<(3000 / saved.rowsPerChunk)).map {
          SavedChunk(bytes: saved.vectorChunk($0, rows: 3000), owner: saved)
        }
        return try HNSWIndex(
          restoring: graph, fullChunks: chunks, partial: saved.vectorChunk(chunks.count, rows: 3000),
          dimension: dimension, metric: metric, parameters: saved.parameters, kernels: level)
      }
      for query in stride(from: 0, to: 3000, by: 61) {
        for strategy in [SearchStrategy.graph, .scan, .exact] {
          let expected = try saved.search(vectors[query], k: 10, within: rows, strategy: strategy).neighbors
          let found = try index.search(vectors[query], k: 10, within: rows, strategy: strategy).neighbors
          // Rows at the same distance but for rounding may change places.
          for (a, b) in zip(found, expected) {
            let tolerance = 1e-5 * (1 + abs(b.distance))
            #expect(abs(a.distance - b.distance) <= tolerance, "seed \(seed), \(level), \(strategy), query \(query)")
          }
        }
      }
    }
  }

  @Test("Never fewer than k or all allowed rows, each once")
  func counts() throws {
    let vectors = TestVectors.random(2000, dimension: 8, seed: 3)
    let index = HNSWIndex(dimension: 8, metric: .l2)
    try index.append(vectors.values)
    while index.linkedCount < 1500 { _ = index.link(atMost: 100) }
    for allowed in [0, 1, 2, 9, 10, 50, 1999, 2000] {
      var generator = SeededGenerator(seed: UInt64(allowed))
      let chosen = Set((0..<2000).shuffled(using: &generator).prefix(allowed))
      let rows = OwnedRowSet(rowCount: 2000) { chosen.contains($0) }
      for k in [0, 1, 10, 100, 5000] {
        for strategy in [SearchStrategy.graph, .graphFloat32, .exact] {
          let found = try index.search(vectors[7], k: k, ef: 10, within: rows, strategy: strategy).neighbors
          #expect(found.count == min(k, allowed), "k \(k), \(allowed) allowed")
          #expect(Set(found.map(\.row)).count == found.count)
          #expect(found.allSatisfy { chosen.contains(Int($0.row)) })
        }
      }
    }
    #expect(try index.search(vectors[0], k: -1, within: OwnedRowSet(rowCount: 2000)).neighbors == [])
  }

  @Test("Rows behind the set's end are not returned")
  func bound() throws {
    let vectors = TestVectors.random(500, dimension: 8, seed: 4)
    let index = HNSWIndex(dimension: 8, metric: .l2)
    try index.append(vectors.values)
    index.linkAll()
    for rowCount in [1, 63, 64, 65, 300] {
      let rows = OwnedRowSet(rowCount: rowCount)
      let found = try index.search(vectors[400], k: 500, within: rows).neighbors
      #expect(found.count == rowCount && found.allSatisfy { $0.row < rowCount })
    }
  }

  @Test("Queries that are not finite end, with as many rows as others", arguments: DistanceMetric.allCases)
  func notFinite(metric: DistanceMetric) throws {
    let dimension = 70
    let vectors = TestVectors.random(1000, dimension: dimension, seed: 6)
    let index = HNSWIndex(dimension: dimension, metric: metric)
    try index.append(vectors.values)
    try index.append([Float](repeating: 3e38, count: dimension))
    try index.append([Float](repeating: .leastNonzeroMagnitude, count: dimension))
    index.linkAll()
    let rows = OwnedRowSet(rowCount: 1002)
    for value in [Float.nan, -.nan, .infinity, -.infinity, 3e38, -3e38, 0, .leastNonzeroMagnitude] {
      for strategy in [SearchStrategy.graph, .graphFloat32, .exact] {
        var query = Array(vectors[0])
        query[3] = value
        #expect(try index.search(query, k: 10, within: rows, strategy: strategy).neighbors.count == 10)
        query = [Float](repeating: value, count: dimension)
        #expect(try index.search(query, k: 10, within: rows, strategy: strategy).neighbors.count == 10)
      }
    }
  }

  @Test("Vectors of another length are refused")
  func dimension() throws {
    let index = HNSWIndex(dimension: 4, metric: .l2)
    #expect(throws: VectorIndexError.dimensionMismatch(expected: 4, received: 6)) {
      try index.append([1, 2, 3, 4, 5, 6])
    }
    #expect(index.rowCount == 0)
    #expect(throws: VectorIndexError.dimensionMismatch(expected: 4, received: 3)) {
      try index.search([1, 2, 3], k: 1, within: OwnedRowSet(rowCount: 0))
    }
  }
}
