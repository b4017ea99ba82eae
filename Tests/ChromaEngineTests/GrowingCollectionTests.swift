import ChromaEngine
import ChromaModel
import ChromaTestSupport
import Foundation
import Testing

@Suite("A collection that grows")
struct GrowingCollectionTests {
  private let path = DatabasePath()
  /// Few enough rows in a full chunk of vectors, which is what gives way.
  private let dimension = 1100

  private func batch(_ ids: Range<Int>, _ generator: inout SeededGenerator) -> RecordBatch {
    let vectors = ids.map { _ in (0..<dimension).map { _ in generator.nextGaussian() } }
    var batch = RecordBatch(ids: ids.map { "r\($0)" }, embeddings: EmbeddingBatch(vectors))
    batch.documents = ids.map { "document \($0) " + String(repeating: "x", count: $0 % 50) }
    return batch
  }

  #if os(Linux)
    /// Files of a directory that this process has mapped.
    private func mappedFiles(in directory: String) throws -> [String] {
      try MappedMemory.lines().compactMap { line in line.range(of: directory).map { String(line[$0.lowerBound...]) } }
    }

    @Test(
      "Its full chunks and blocks are mapped from files while it grows, without a checkpoint", arguments: [UInt64(5)])
    func mapsWhatIsFull(seed: UInt64) async throws {
      let directory = try TemporaryDirectory()
      var generator = SeededGenerator(seed: seed)
      let engine = try await Engine.open(at: directory.path)
      let id = try await engine.createCollection(CreateCollectionRequest(name: "growing"), in: path).id
      let rows = 3_500
      var first: RecordBatch?
      for start in stride(from: 0, to: rows, by: 250) {
        let batch = batch(start..<(start + 250), &generator)
        if start == 0 { first = batch }
        try await engine.add(batch, to: id, in: path)
      }
      let snapshot = "\(directory.path)/collections/\(id)/snapshot"
      // 3 full chunks of 1,024 rows; who writes them works behind the writes.
      while try mappedFiles(in: snapshot + "/vectors-").count < 3 { await Task.yield() }
      #expect(!FileManager.default.fileExists(atPath: snapshot + "/MANIFEST"), "seed \(seed)")
      let asked = try #require(first)
      let questions = QueryRequest(embeddings: try #require(asked.embeddings), nResults: 1)
      let result = try await engine.query(questions, in: id, in: path)
      #expect(result.records.map(\.ids) == asked.ids.map { [$0] }, "seed \(seed)")
      let all = try await engine.get(GetRequest(include: [.documents]), from: id, in: path).records
      #expect(all.ids == (0..<rows).map { "r\($0)" }, "seed \(seed)")
      #expect(all.documents?[3_073] == "document 3073 " + String(repeating: "x", count: 3_073 % 50))
      let files = Set(try FileManager.default.contentsOfDirectory(atPath: snapshot))
      await engine.close()
      // The checkpoint at closing names them, and what it does not name is gone.
      let after = Set(try FileManager.default.contentsOfDirectory(atPath: snapshot))
      #expect(after.contains("MANIFEST") && files.isSubset(of: after), "seed \(seed): \(files) then \(after)")
      #expect(after.filter { $0.hasPrefix("vectors-") }.count == 4, "seed \(seed): \(after)")
      let again = try await Engine.open(at: directory.path)
      let found = try await again.query(questions, in: id, in: path)
      #expect(found.records.map(\.ids) == asked.ids.map { [$0] }, "seed \(seed)")
      await again.close()
    }

    /// Enough rows for three full chunks of vectors, and for four megabytes of records that opening seals.
    @Test(
      "One that is read from its database is mapped from files as it is when it grows",
      arguments: [("vectors", 1_100, 3_400, 0, 3, UInt64(6)), ("records", 2, 42_000, 1_200, 1, 7)])
    func readFromDatabase(
      kind: String, dimension: Int, rows: Int, text: Int, files: Int, seed: UInt64
    ) async throws {
      let directory = try TemporaryDirectory()
      var generator = SeededGenerator(seed: seed)
      var engine = try await Engine.open(at: directory.path)
      let id = try await engine.createCollection(CreateCollectionRequest(name: "read"), in: path).id
      var vectors: [[Float]] = []
      let documents = (0..<rows).map { "document \($0) " + String(repeating: "x", count: text + $0 % 50) }
      for start in stride(from: 0, to: rows, by: 200) {
        let ids = start..<(start + 200)
        let added = ids.map { _ in (0..<dimension).map { _ in generator.nextGaussian() } }
        var batch = RecordBatch(ids: ids.map { "r\($0)" }, embeddings: EmbeddingBatch(added))
        batch.documents = Array(documents[ids])
        try await engine.add(batch, to: id, in: path)
        vectors += added
      }
      await engine.close()
      let snapshot = "\(directory.path)/collections/\(id)/snapshot"
      try FileManager.default.removeItem(atPath: snapshot + "/MANIFEST")
      let asked = Array(stride(from: 0, to: rows, by: 97))
      let questions = QueryRequest(embeddings: EmbeddingBatch(asked.map { vectors[$0] }), nResults: 1)
      for turn in ["read from the database", "from what that saved"] {
        engine = try await Engine.open(at: directory.path)
        #expect(try await engine.count(id, in: path) == rows, "seed \(seed), \(turn)")
        // Opening has mapped them: nobody has to wait for it.
        let mapped = try mappedFiles(in: "\(snapshot)/\(kind)-")
        #expect(mapped.count >= files, "seed \(seed), \(turn): \(mapped)")
        #expect(!mapped.contains { $0.hasSuffix("(deleted)") }, "seed \(seed), \(turn): \(mapped)")
        let found = try await engine.query(questions, in: id, in: path)
        let lost = zip(asked, found.records).count { $1.ids != ["r\($0)"] }
        #expect(lost == 0, "seed \(seed), \(turn): \(lost) of \(asked.count) are not found")
        let all = try await engine.get(GetRequest(include: [.documents, .embeddings]), from: id, in: path).records
        // Too long to be compared by the macro, which looks for what differs.
        let isSame = (
          ids: all.ids == (0..<rows).map { "r\($0)" }, documents: all.documents == documents,
          embeddings: all.embeddings?.values == vectors.flatMap(\.self)
        )
        #expect(isSame.ids && isSame.documents && isSame.embeddings, "seed \(seed), \(turn): \(isSame)")
        await engine.close()
      }
    }
  #endif
}
