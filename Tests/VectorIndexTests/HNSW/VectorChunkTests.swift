import ChromaTestSupport
import Dispatch
import Foundation
import Synchronization
import Testing
import VectorIndex

/// A chunk of vectors in a file, mapped as the store maps it.
private final class ChunkFile: Sendable {
  let path: String
  // Written by nobody once it is there.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(_ contents: UnsafeRawBufferPointer, in directory: TemporaryDirectory) throws {
    path = directory.path + "/chunk-\(UUID()).segment"
    try Data(contents).write(to: URL(fileURLWithPath: path))
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    let memory = try #require(mmap(nil, contents.count, PROT_READ, MAP_SHARED, descriptor, 0))
    try #require(memory != MAP_FAILED)
    bytes = UnsafeRawBufferPointer(start: memory, count: contents.count)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}

@Suite("Chunks of vectors that give way to their files")
struct VectorChunkTests {
  private let dimension = 1100
  private let rows = 2500

  private func makeIndex(_ vectors: TestVectors, metric: DistanceMetric) throws -> HNSWIndex {
    let index = HNSWIndex(dimension: dimension, metric: metric)
    try index.append(vectors.values)
    _ = index.link(atMost: rows)
    return index
  }

  /// What the kernel says lies at an address (proc(5)).
  private func mapping(at address: UnsafeRawPointer?) throws -> String {
    let wanted = UInt(bitPattern: address)
    return try #require(
      MappedMemory.lines().first { line in
        let range = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
        return range.count == 2 && (range[0]..<range[1]).contains(wanted)
      })
  }

  #if os(Linux)
    @Test("The pages are the file's afterwards, at the same address", arguments: DistanceMetric.allCases)
    func mapsTheFile(metric: DistanceMetric) throws {
      let directory = try TemporaryDirectory()
      let vectors = TestVectors.clustered(rows, dimension: dimension, seed: 11)
      let index = try makeIndex(vectors, metric: metric)
      let rowSet = OwnedRowSet(rowCount: rows)
      let before = try (0..<50).map { try index.search(vectors[$0 * 50], k: 5, within: rowSet) }
      for chunk in 0..<2 {
        let held = index.vectorChunk(chunk, rows: rows)
        #expect(try !mapping(at: held.baseAddress).contains(directory.path))
        let file = try ChunkFile(held, in: directory)
        #expect(index.replaceVectorChunk(chunk, with: file.bytes))
        #expect(try mapping(at: held.baseAddress).hasSuffix(file.path))
        #expect(index.vectorChunk(chunk, rows: rows).baseAddress == held.baseAddress)
        // A file that is mapped may be removed.
        try FileManager.default.removeItem(atPath: file.path)
      }
      for row in 0..<UInt32(rows) {
        let matches = index.withVector(row) { Array($0) == Array(vectors[Int(row)]) }
        #expect(matches == true, "row \(row)")
      }
      let after = try (0..<50).map { try index.search(vectors[$0 * 50], k: 5, within: rowSet) }
      #expect(after.map { $0.neighbors.map(\.row) } == before.map { $0.neighbors.map(\.row) })
      #expect(after.map { $0.neighbors.map(\.distance) } == before.map { $0.neighbors.map(\.distance) })
      // It goes on growing behind them.
      try index.append(TestVectors.clustered(700, dimension: dimension, seed: 12).values)
      index.linkAll()
      #expect(index.checkInvariants() == [])
    }

    @Test("Searches on other threads notice nothing")
    func searchesGoOn() throws {
      let directory = try TemporaryDirectory()
      let vectors = TestVectors.clustered(rows, dimension: dimension, seed: 13)
      let index = try makeIndex(vectors, metric: .cosine)
      let files = try (0..<2).map { try ChunkFile(index.vectorChunk($0, rows: rows), in: directory) }
      let wrong = Atomic<Int>(0)
      DispatchQueue.concurrentPerform(iterations: 4) { thread in
        if thread == 0 {
          for chunk in 0..<2 where !index.replaceVectorChunk(chunk, with: files[chunk].bytes) {
            wrong.add(1, ordering: .relaxed)
          }
          return
        }
        let rowSet = OwnedRowSet(rowCount: rows)
        for row in stride(from: thread, to: rows, by: 7) {
          let found = try? index.search(vectors[row], k: 1, within: rowSet, strategy: .exact)
          // A clustered set may hold a vector twice, so the distance is compared.
          if found?.neighbors.first.map({ $0.distance < 1e-5 }) != true { wrong.add(1, ordering: .relaxed) }
        }
      }
      #expect(wrong.load(ordering: .relaxed) == 0)
    }
  #endif

  @Test("What does not fit changes nothing")
  func refusesWhatDoesNotFit() throws {
    let directory = try TemporaryDirectory()
    let vectors = TestVectors.clustered(rows, dimension: dimension, seed: 14)
    let index = try makeIndex(vectors, metric: .l2)
    let whole = index.vectorChunk(0, rows: rows)
    let short = try ChunkFile(UnsafeRawBufferPointer(rebasing: whole.dropLast(4096)), in: directory)
    #expect(!index.replaceVectorChunk(0, with: short.bytes))
    let file = try ChunkFile(whole, in: directory)
    #expect(!index.replaceVectorChunk(-1, with: file.bytes))
    // The last chunk is not full: rows may still be written to it.
    #expect(!index.replaceVectorChunk(2, with: file.bytes))
    #expect(!index.replaceVectorChunk(9, with: file.bytes))
    #expect(index.withVector(0) { Array($0) } == Array(vectors[0]))
  }
}
