import ChromaTestSupport
import Testing
import VectorIndex

/// A saved index in memory.
private final class Saved: @unchecked Sendable {
  var graph: [UInt8] = []
  var chunks: [UnsafeMutableRawBufferPointer] = []
  var partial: [UInt8] = []

  init(_ index: HNSWIndex, rows: Int) throws {
    try index.encodeGraph(rows: rows) { graph += $0 }
    for chunk in 0...(rows / index.rowsPerChunk) {
      let bytes = index.vectorChunk(chunk, rows: rows)
      if (chunk + 1) * index.rowsPerChunk <= rows {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 4096)
        copy.copyMemory(from: bytes)
        chunks.append(copy)
      } else {
        partial = Array(bytes)
      }
    }
  }

  deinit { for chunk in chunks { chunk.deallocate() } }

  func restore(like index: HNSWIndex, graph: [UInt8]? = nil) throws -> HNSWIndex {
    try (graph ?? self.graph).withUnsafeBytes { graph in
      try partial.withUnsafeBytes { partial in
        try HNSWIndex(
          restoring: graph, fullChunks: chunks.map { SavedChunk(bytes: UnsafeRawBufferPointer($0), owner: self) },
          partial: partial, dimension: index.dimension, metric: index.metric, parameters: index.parameters)
      }
    }
  }
}

@Suite("HNSW snapshots")
struct HNSWSnapshotTests {
  private func makeIndex(
    _ vectors: TestVectors, metric: DistanceMetric = .l2, linked: Int, m: Int = 16
  ) throws -> HNSWIndex {
    let index = HNSWIndex(dimension: vectors.dimension, metric: metric, parameters: HNSWParameters(m: m))
    try index.append(vectors.values)
    _ = index.link(atMost: linked)
    return index
  }

  @Test("A restored index gives the same answers and goes on", arguments: DistanceMetric.allCases)
  func roundTrip(metric: DistanceMetric) throws {
    let vectors = TestVectors.clustered(2500, dimension: 1100, seed: 3)
    let index = try makeIndex(vectors, metric: metric, linked: 1500)
    #expect(index.rowsPerChunk == 1024)
    let saved = try Saved(index, rows: 2500)
    #expect(saved.chunks.count == 2)
    let restored = try saved.restore(like: index)
    #expect(restored.rowCount == 2500 && restored.linkedCount == 1500 && restored.pendingCount == 1000)
    #expect(restored.checkInvariants() == [])
    let rows = OwnedRowSet(rowCount: 2500)
    for row in stride(from: 0, to: 2500, by: 50) {
      for strategy in [SearchStrategy.graph, .exact] {
        let before = try index.search(vectors[row], k: 10, within: rows, strategy: strategy).neighbors
        #expect(try restored.search(vectors[row], k: 10, within: rows, strategy: strategy).neighbors == before)
      }
    }
    try restored.append(Array(vectors[0]))
    restored.linkAll()
    #expect(restored.linkedCount == 2501)
    #expect(restored.checkInvariants() == [])
  }

  @Test("A full chunk is its vectors and norms, without codes", arguments: DistanceMetric.allCases)
  func chunkSize(metric: DistanceMetric) throws {
    let vectors = TestVectors.random(1030, dimension: 1100, seed: 8)
    let index = try makeIndex(vectors, metric: metric, linked: 0)
    #expect(index.parameters.usesCodes && index.rowsPerChunk == 1024)
    // 1,100 floats padded to 64 bytes are 1,104; a norm is a float.
    #expect(index.chunkBytes == 1024 * (1104 + (metric == .cosine ? 1 : 0)) * 4)
    #expect(index.vectorChunk(0, rows: 1030).count == index.chunkBytes)
    #expect(index.vectorChunk(1, rows: 1030).count == 6 * 1104 * 4)
  }

  /// Linking goes by codes: with one thread, the same codes give the same graph. The rows fill more than one chunk of
  /// codes, and are enough for the second thread.
  @Test("Codes computed at a restore are those of the rows appended", arguments: DistanceMetric.allCases)
  func codes(metric: DistanceMetric) throws {
    let seed: UInt64 = 9
    let vectors = TestVectors.clustered(2200, dimension: 2100, seed: seed)
    let index = try makeIndex(vectors, metric: metric, linked: 0)
    let saved = try Saved(index, rows: 2200)
    #expect(saved.chunks.count == 2)
    let restored = try saved.restore(like: index)
    #expect(restored.linkedCount == 0)
    index.linkAll()
    restored.linkAll()
    #expect(try Saved(restored, rows: 2200).graph == Saved(index, rows: 2200).graph, "seed \(seed)")
  }

  @Test("Any bytes in place of vectors give an index that holds, never a trap", arguments: DistanceMetric.allCases)
  func damagedVectors(metric: DistanceMetric) throws {
    let seed: UInt64 = 21
    var generator = SeededGenerator(seed: seed)
    let vectors = TestVectors.random(1030, dimension: 1100, seed: seed)
    let index = try makeIndex(vectors, metric: metric, linked: 200)
    let saved = try Saved(index, rows: 1030)
    for chunk in saved.chunks {
      for i in stride(from: 0, to: chunk.count, by: 4) {
        let word: UInt32 =
          switch generator.next() % 8 {
          case 0: Float.nan.bitPattern
          case 1: Float.infinity.bitPattern
          case 2: Float.greatestFiniteMagnitude.bitPattern
          default: UInt32(truncatingIfNeeded: generator.next())
          }
        chunk.storeBytes(of: word, toByteOffset: i, as: UInt32.self)
      }
    }
    let restored = try saved.restore(like: index)
    restored.linkAll()
    #expect(restored.checkInvariants() == [], "seed \(seed)")
    let rows = OwnedRowSet(rowCount: 1030)
    #expect(try restored.search(vectors[1029], k: 5, within: rows).neighbors.count == 5, "seed \(seed)")
  }

  @Test("Part of the rows, and none, can be saved")
  func partly() throws {
    let vectors = TestVectors.random(700, dimension: 16, seed: 4)
    let index = try makeIndex(vectors, linked: 700)
    for count in [0, 1, 2, 64, 699, 700] {
      let restored = try Saved(index, rows: count).restore(like: index)
      #expect(restored.rowCount == count)
      #expect(restored.linkedCount == count)
      #expect(restored.checkInvariants() == [])
      let rows = OwnedRowSet(rowCount: count)
      #expect(try restored.search(vectors[0], k: 5, within: rows).neighbors.count == min(5, count))
    }
  }

  @Test("A graph that several threads read is the one that was saved, and damage in any part is seen")
  func manySections() throws {
    let seed: UInt64 = 31
    let rows = 4 * 4096 + 100
    let vectors = TestVectors.random(rows, dimension: 3, seed: seed)
    let index = try makeIndex(vectors, linked: rows - 50, m: 3)
    let saved = try Saved(index, rows: rows)
    let restored = try saved.restore(like: index)
    #expect(restored.linkedCount == rows - 50 && restored.pendingCount == 50)
    #expect(restored.checkInvariants() == [])
    #expect(try Saved(restored, rows: rows).graph == saved.graph)
    var generator = SeededGenerator(seed: seed)
    for round in 0..<60 {
      var graph = saved.graph
      // A link, a count, a level or a parent becomes another plausible number.
      let place = Int.random(in: 16..<(graph.count / 4), using: &generator) * 4
      let word = UInt32.random(in: 0..<UInt32(rows), using: &generator)
      for i in 0..<4 { graph[place + i] = UInt8(truncatingIfNeeded: word >> UInt32(8 * i)) }
      guard let damaged = try? saved.restore(like: index, graph: graph) else { continue }
      #expect(damaged.checkInvariants() == [], "seed \(seed), round \(round)")
    }
  }

  @Test("A graph older than its vectors leaves the rows it does not know waiting")
  func olderGraph() throws {
    let vectors = TestVectors.clustered(5000, dimension: 12, seed: 6)
    let index = try makeIndex(vectors, linked: 4200)
    let saved = try Saved(index, rows: 5000)
    let older = try Saved(index, rows: 4500)
    let restored = try saved.restore(like: index, graph: older.graph)
    #expect(restored.rowCount == 5000 && restored.linkedCount == 4200 && restored.pendingCount == 800)
    let rows = OwnedRowSet(rowCount: 5000)
    for row in [0, 4100, 4499, 4500, 4999] {
      #expect(try restored.search(vectors[row], k: 1, within: rows).neighbors.first?.distance == 0)
    }
    restored.linkAll()
    #expect(restored.linkedCount == 5000)
    #expect(restored.checkInvariants() == [])
    // The other way round the graph speaks of rows that are not there.
    #expect(throws: VectorIndexError.self) { try older.restore(like: index, graph: saved.graph) }
  }

  @Test("What is saved while others link is whole")
  func concurrently() async throws {
    let vectors = TestVectors.clustered(3000, dimension: 24, seed: 5)
    let index = try makeIndex(vectors, linked: 10)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 { group.addTask { while index.link(atMost: 3) > 0 { await Task.yield() } } }
      group.addTask {
        repeat {
          let restored = try Saved(index, rows: 2000).restore(like: index)
          #expect(restored.rowCount == 2000)
          #expect(restored.checkInvariants() == [])
          restored.linkAll()
          #expect(restored.checkInvariants() == [])
        } while index.linkedCount < 3000
      }
      try await group.waitForAll()
    }
  }

  @Test("Flipped, overwritten and cut graphs give an error or a graph that holds, never a trap")
  func damaged() throws {
    let seed: UInt64 = 17
    let vectors = TestVectors.random(120, dimension: 6, seed: seed)
    let index = try makeIndex(vectors, linked: 100, m: 4)
    let saved = try Saved(index, rows: 120)
    let rows = OwnedRowSet(rowCount: 120)
    var generator = SeededGenerator(seed: seed)
    var refused = 0
    for round in 0..<6000 {
      var graph = saved.graph
      switch round % 4 {
      case 0:
        graph[Int.random(in: 0..<graph.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: graph.removeLast(Int.random(in: 1...graph.count, using: &generator))
      case 2:
        // A plausible word in place of another.
        let place = Int.random(in: 0..<(graph.count / 4), using: &generator) * 4
        let word = UInt32.random(in: 0..<130, using: &generator)
        for i in 0..<4 { graph[place + i] = UInt8(truncatingIfNeeded: word >> UInt32(8 * i)) }
      default:
        for _ in 0..<8 {
          graph[Int.random(in: 0..<graph.count, using: &generator)] = .random(in: 0...255, using: &generator)
        }
      }
      do {
        let restored = try saved.restore(like: index, graph: graph)
        #expect(restored.checkInvariants() == [], "seed \(seed), round \(round)")
        #expect(try restored.search(vectors[0], k: 5, within: rows).neighbors.count == 5)
      } catch let error as VectorIndexError {
        guard case .damagedSnapshot = error else {
          Issue.record("\(error), seed \(seed), round \(round)")
          continue
        }
        refused += 1
      }
    }
    #expect(refused > 4000, "seed \(seed)")
  }

  @Test("Chunks of the wrong size are refused")
  func wrongChunks() throws {
    let index = try makeIndex(TestVectors.random(50, dimension: 8, seed: 1), linked: 50)
    let saved = try Saved(index, rows: 50)
    saved.partial.removeLast()
    #expect(throws: VectorIndexError.self) { try saved.restore(like: index) }
    saved.partial.removeLast(63)
    #expect(throws: VectorIndexError.self) { try saved.restore(like: index) }
    // A full chunk of a page too much, as one with codes would be.
    saved.partial = []
    saved.chunks.append(.allocate(byteCount: index.chunkBytes + 4096, alignment: 4096))
    #expect(throws: VectorIndexError.self) { try saved.restore(like: index) }
  }
}
