import ChromaTestSupport
import VectorIndex

/// A row set that owns its words.
final class OwnedRowSet {
  private let words: UnsafeMutablePointer<UInt64>
  private let chunks: UnsafeMutablePointer<UnsafePointer<UInt64>>
  let rowCount: Int
  private(set) var count = 0

  init(rowCount: Int, contains: (Int) -> Bool = { _ in true }) {
    self.rowCount = rowCount
    let chunkCount = max(1, (rowCount + RowSet.rowsPerChunk - 1) / RowSet.rowsPerChunk)
    words = .allocate(capacity: chunkCount * 1024)
    words.initialize(repeating: 0, count: chunkCount * 1024)
    chunks = .allocate(capacity: chunkCount)
    for i in 0..<chunkCount { (chunks + i).initialize(to: UnsafePointer(words + i * 1024)) }
    for row in 0..<rowCount where contains(row) {
      words[row >> 6] |= 1 << UInt64(row & 63)
      count += 1
    }
  }

  deinit {
    words.deallocate()
    chunks.deallocate()
  }

  var set: RowSet { RowSet(chunks: chunks, rowCount: rowCount, count: count) }
}

/// Vectors to test with, row after row.
struct TestVectors {
  let dimension: Int
  var values: [Float] = []

  var count: Int { values.count / dimension }

  subscript(row: Int) -> ArraySlice<Float> { values[(row * dimension)..<((row + 1) * dimension)] }

  /// No structure at all: the hardest case for a graph.
  static func random(_ count: Int, dimension: Int, seed: UInt64) -> TestVectors {
    var generator = SeededGenerator(seed: seed)
    return TestVectors(dimension: dimension, values: (0..<(count * dimension)).map { _ in generator.nextGaussian() })
  }

  /// Gaussian clouds of about 50 rows around random centres, as embeddings of texts on a few topics are.
  static func clustered(_ count: Int, dimension: Int, seed: UInt64, spread: Float = 0.3) -> TestVectors {
    var generator = SeededGenerator(seed: seed)
    let clusters = max(1, count / 50)
    let centres = (0..<(clusters * dimension)).map { _ in generator.nextGaussian() }
    var vectors = TestVectors(dimension: dimension)
    for _ in 0..<count {
      let centre = Int.random(in: 0..<clusters, using: &generator) * dimension
      for i in 0..<dimension { vectors.values.append(centres[centre + i] + spread * generator.nextGaussian()) }
    }
    return vectors
  }
}

extension TestVectors {
  /// Each row at length 1.
  func normalized() -> TestVectors {
    var result = self
    for row in 0..<count {
      let norm = self[row].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for i in (row * dimension)..<((row + 1) * dimension) { result.values[i] /= norm }
    }
    return result
  }

  /// Half of the rows die; 30 % of the others are replaced by new rows, half of these with the same vector. The new
  /// rows are appended. Gives which rows live.
  mutating func churn(using generator: inout SeededGenerator) -> [Bool] {
    let count = count
    var live = (0..<count).map { _ in Bool.random(using: &generator) }
    for row in 0..<count where live[row] && Double.random(in: 0..<1, using: &generator) < 0.3 {
      live[row] = false
      live.append(true)
      if Bool.random(using: &generator) {
        values += Array(self[row])
      } else {
        for _ in 0..<dimension { values.append(generator.nextGaussian()) }
      }
    }
    return live
  }
}

extension DistanceMetric {
  /// The definition, in double precision.
  func distance(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
    let pairs = zip(a, b).map { (Double($0), Double($1)) }
    let dot = pairs.reduce(0) { $0 + $1.0 * $1.1 }
    switch self {
    case .l2: return Float(pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
    case .ip: return Float(1 - dot)
    case .cosine:
      let norms = pairs.reduce(0) { $0 + $1.0 * $1.0 }.squareRoot() * pairs.reduce(0) { $0 + $1.1 * $1.1 }.squareRoot()
      return norms == 0 ? 1 : Float(1 - dot / norms)
    }
  }
}

extension HNSWIndex {
  @discardableResult
  func append(_ values: [Float]) throws -> Range<UInt32> { try values.withUnsafeBufferPointer { try append($0) } }

  func search(
    _ query: some Collection<Float>, k: Int, ef: Int = 100, within rows: OwnedRowSet,
    strategy: SearchStrategy = .graph
  ) throws -> SearchResult {
    try Array(query).withUnsafeBufferPointer {
      try search($0, k: k, ef: ef, within: rows.set, strategy: strategy)
    }
  }

  @discardableResult
  func append(_ values: ArraySlice<Float>) throws -> Range<UInt32> { try append(Array(values)) }

  /// Links everything that waits, on this thread.
  func linkAll(live: RowSet? = nil) { while link(atMost: 1000, live: live) > 0 {} }

  /// Share of the exact answers that the graph finds too, over `queries`.
  func recall(
    of queries: TestVectors, k: Int, ef: Int, within rows: OwnedRowSet, strategy: SearchStrategy = .graph
  ) throws -> Double {
    var hits = 0
    var all = 0
    for i in 0..<queries.count {
      let exact = try search(queries[i], k: k, within: rows, strategy: .exact).neighbors
      let found = try search(queries[i], k: k, ef: ef, within: rows, strategy: strategy).neighbors
      let worst = exact.last?.distance ?? 0
      all += exact.count
      // By distance, so that ties count.
      hits += found.count { $0.distance <= worst }
    }
    return Double(hits) / Double(max(all, 1))
  }
}
