import ChromaEngine
import ChromaModel
import ChromaTestSupport
import Testing

@Suite("Every live record can be found")
struct ReachabilityTests {
  private let path = DatabasePath()
  private let dimension = 16

  private func batch(_ ids: Range<Int>, _ generator: inout SeededGenerator) -> RecordBatch {
    let vectors = ids.map { _ in (0..<dimension).map { _ in generator.nextGaussian() } }
    return RecordBatch(ids: ids.map { "r\($0)" }, embeddings: EmbeddingBatch(vectors))
  }

  /// Until the graph holds every row.
  private func waitForGraph(_ engine: Engine, _ id: Identifier) async throws {
    while try await engine.indexingStatus(id, in: path).progress < 1 { await Task.yield() }
  }

  /// Asks for each live record by its own vector, all questions of a kind in one request.
  private func checkEachFindsItself(_ engine: Engine, _ id: Identifier, _ what: String) async throws {
    let all = try await engine.get(GetRequest(include: [.embeddings]), from: id, in: path).records
    let embeddings = try #require(all.embeddings)
    let result = try await engine.query(QueryRequest(embeddings: embeddings, nResults: 1), in: id, in: path)
    let lost = zip(all.ids, result.records).filter { $0 != $1.ids.first }
    #expect(lost.isEmpty, "\(what): \(lost.count) of \(all.ids.count) records do not find themselves")
  }

  @Test("Around the sizes where an index changes its ways", arguments: [999, 1_000, 1_001, 2_047, 2_048, 2_049])
  func boundaries(rows: Int) async throws {
    let directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: UInt64(rows))
    let engine = try await Engine.open(at: directory.path)
    let id = try await engine.createCollection(CreateCollectionRequest(name: "boundary"), in: path).id
    for start in stride(from: 0, to: rows, by: 100) {
      try await engine.add(batch(start..<min(rows, start + 100), &generator), to: id, in: path)
    }
    try await checkEachFindsItself(engine, id, "\(rows) rows at once")
    try await waitForGraph(engine, id)
    try await checkEachFindsItself(engine, id, "\(rows) rows in the graph")
    await engine.close()
  }

  /// The recipe by which live records went missing elsewhere: 4,000 rows, half deleted, 30 % of the rest replaced.
  @Test("After churn, and after a restart", arguments: [UInt64(1), 2, 3])
  func churn(seed: UInt64) async throws {
    let directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: seed)
    var engine = try await Engine.open(at: directory.path)
    let id = try await engine.createCollection(CreateCollectionRequest(name: "churn"), in: path).id
    for start in stride(from: 0, to: 4_000, by: 500) {
      try await engine.add(batch(start..<(start + 500), &generator), to: id, in: path)
    }
    try await waitForGraph(engine, id)
    let order = (0..<4_000).shuffled(using: &generator)
    _ = try await engine.delete(
      DeleteRequest(filter: RecordFilter(ids: order.prefix(2_000).map { "r\($0)" })), from: id, in: path)
    try await checkEachFindsItself(engine, id, "seed \(seed), half deleted")
    for number in order[2_000..<2_600] {
      try await engine.upsert(batch(number..<(number + 1), &generator), to: id, in: path)
    }
    try await checkEachFindsItself(engine, id, "seed \(seed), replaced")
    try await waitForGraph(engine, id)
    try await checkEachFindsItself(engine, id, "seed \(seed), linked")
    #expect(try await engine.count(id, in: path) == 2_000)
    await engine.close()
    engine = try await Engine.open(at: directory.path)
    try await checkEachFindsItself(engine, id, "seed \(seed), restarted")
    await engine.close()
  }
}
