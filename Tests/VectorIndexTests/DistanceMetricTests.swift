import ChromaTestSupport
import Testing

@testable import VectorIndex

@Suite("Distances")
struct DistanceMetricTests {
  @Test("No vector has a negative cosine distance, least of all from itself", arguments: [3, 7, 64, 384])
  func cosineIsNotNegative(dimension: Int) throws {
    var generator = SeededGenerator(seed: UInt64(dimension))
    let index = HNSWIndex(dimension: dimension, metric: .cosine)
    let vectors = (0..<500 * dimension).map { _ in generator.nextGaussian() * 40 }
    _ = try vectors.withUnsafeBufferPointer { try index.append($0) }
    let words = [UInt64](repeating: .max, count: 1024)
    try words.withUnsafeBufferPointer { words in
      let chunk = try #require(words.baseAddress)
      try withUnsafePointer(to: chunk) { chunks in
        let rows = RowSet(chunks: chunks, rowCount: 500, count: 500)
        for row in 0..<500 {
          let query = Array(vectors[row * dimension..<(row + 1) * dimension])
          let found = try query.withUnsafeBufferPointer {
            try index.search($0, k: 500, ef: 500, within: rows, strategy: .exact).neighbors
          }
          #expect(found.allSatisfy { $0.distance >= 0 })
          #expect(found[0].row == UInt32(row) && found[0].distance < 1e-6)
        }
      }
    }
  }
}
