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

  /// Links everything that waits, on this thread.
  func linkAll(live: RowSet? = nil) { while link(atMost: 1000, live: live) > 0 {} }

  /// Share of the exact answers that the graph finds too, over `queries`.
  func recall(of queries: TestVectors, k: Int, ef: Int, within rows: OwnedRowSet) throws -> Double {
    var hits = 0
    var all = 0
    for i in 0..<queries.count {
      let exact = try search(queries[i], k: k, within: rows, strategy: .exact).neighbors
      let found = try search(queries[i], k: k, ef: ef, within: rows).neighbors
      let worst = exact.last?.distance ?? 0
      all += exact.count
      // By distance, so that ties count.
      hits += found.count { $0.distance <= worst }
    }
    return Double(hits) / Double(max(all, 1))
  }
}
