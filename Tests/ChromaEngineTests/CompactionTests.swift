import ChromaModel
import ChromaTestSupport
import Testing

@testable import ChromaEngine

@Suite("Compaction while writes go on")
struct CompactionTests {
  private let path = DatabasePath()
  /// So that a chunk of vectors is full at 4,096 rows, and the copy saves one.
  private let dimension = 300

  @Test("Nothing is lost, nothing comes back, and it comes to an end", arguments: [UInt64(1), 2])
  func endlessUpserts(seed: UInt64) async throws {
    let directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: seed)
    let engine = try await Engine.open(at: directory.path)
    let id = try await engine.createCollection(CreateCollectionRequest(name: "churned"), in: path).id
    let count = 5_000
    var expected: [Int: [Float]] = [:]
    var compactions = 0
    var lastDead = 0
    var most = 0
    var turns = 0
    // Until the rows were renumbered twice: by then a compaction has run from its start beside writes.
    while compactions < 2, turns < 1_500 {
      turns += 1
      let numbers =
        turns <= 10
        ? Array((turns - 1) * 500..<turns * 500)
        : (0..<500).map { _ in
          Int.random(in: 0..<count, using: &generator)
        }
      let unique = Array(Set(numbers)).sorted()
      if turns > 10, turns.isMultiple(of: 5) {
        let ids = unique.prefix(100)
        _ = try await engine.delete(
          DeleteRequest(filter: RecordFilter(ids: ids.map { "r\($0)" })), from: id, in: path)
        for number in ids { expected[number] = nil }
      } else {
        let vectors = unique.map { _ in (0..<dimension).map { _ in generator.nextGaussian() } }
        var batch = RecordBatch(ids: unique.map { "r\($0)" }, embeddings: EmbeddingBatch(vectors))
        batch.documents = unique.map { "turn \(turns) of \($0)" }
        try await engine.upsert(batch, to: id, in: path)
        for (number, vector) in zip(unique, vectors) { expected[number] = vector }
      }
      let dead = try #require(try await engine.memory().collections.first).deadRows
      if dead < lastDead { compactions += 1 }
      lastDead = dead
      most = max(most, dead)
    }
    #expect(compactions >= 2, "seed \(seed): \(turns) turns, \(lastDead) dead rows")
    // How far it falls behind depends on who else wants the processor; without an end it would be a thousand turns.
    print("seed \(seed): \(turns) turns, at most \(most) dead rows")
    try await check(engine, id, expected, "seed \(seed), at once")
    await engine.close()
    let again = try await Engine.open(at: directory.path)
    try await check(again, id, expected, "seed \(seed), opened again")
    await again.close()
  }

  /// So few that the compaction brings them over in its last round, if it does.
  @Test("What little is deleted while it runs stays deleted", arguments: [UInt64(3), 4])
  func fewDeletes(seed: UInt64) async throws {
    let directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: seed)
    let engine = try await Engine.open(at: directory.path)
    let id = try await engine.createCollection(CreateCollectionRequest(name: "deleted"), in: path).id
    let count = 10_000
    var expected: [Int: [Float]] = [:]
    for start in stride(from: 0, to: count, by: 1_000) {
      let vectors = (0..<1_000).map { _ in (0..<dimension).map { _ in generator.nextGaussian() } }
      let batch = RecordBatch(ids: (start..<start + 1_000).map { "r\($0)" }, embeddings: EmbeddingBatch(vectors))
      try await engine.add(batch, to: id, in: path)
      for (offset, vector) in vectors.enumerated() { expected[start + offset] = vector }
    }
    func delete(_ numbers: Range<Int>) async throws {
      let filter = RecordFilter(ids: numbers.map { "r\($0)" })
      _ = try await engine.delete(DeleteRequest(filter: filter), from: id, in: path)
      for number in numbers { expected[number] = nil }
    }
    // The last row of these makes a compaction due; the others go one by one while it makes the links of 4,999 rows.
    try await delete(0..<5_001)
    var next = 5_001
    while try #require(try await engine.memory().collections.first).deadRows > 4_096, next < count {
      if next < 5_100 {
        try await delete(next..<next + 1)
        next += 1
      }
      await Task.yield()
    }
    #expect(next > 5_002, "seed \(seed): nothing was deleted while it ran")
    try await check(engine, id, expected, "seed \(seed), at once")
    await engine.close()
    let again = try await Engine.open(at: directory.path)
    try await check(again, id, expected, "seed \(seed), opened again")
    await again.close()
  }

  private func check(_ engine: Engine, _ id: Identifier, _ expected: [Int: [Float]], _ what: String) async throws {
    let all = try await engine.get(GetRequest(include: [.embeddings]), from: id, in: path).records
    #expect(Set(all.ids) == Set(expected.keys.map { "r\($0)" }), "\(what)")
    #expect(all.ids.count == expected.count, "\(what)")
    let embeddings = try #require(all.embeddings)
    var wrong = 0
    for (index, name) in all.ids.enumerated() {
      let range = embeddings.range(index) ?? 0..<0
      if Int(name.dropFirst()).flatMap({ expected[$0] }) != Array(embeddings.values[range]) { wrong += 1 }
    }
    #expect(wrong == 0, "\(what)")
    let found = try await engine.query(QueryRequest(embeddings: embeddings, nResults: 1), in: id, in: path)
    let lost = zip(all.ids, found.records).count { $0 != $1.ids.first }
    #expect(lost == 0, "\(what): \(lost) records do not find themselves")
  }
}
