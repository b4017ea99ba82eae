import ChromaEngine
import ChromaModel
import ChromaTestSupport
import Testing

@Suite("Queries that are explained")
struct ExplainTests {
  @Test("A list as long as a number can be is as good as any", arguments: [Int64.max, Int64.max - 1, 1 << 40])
  func longestList(length: Int64) async throws {
    let directory = try TemporaryDirectory()
    let engine = try await Engine.open(at: directory.path)
    let path = DatabasePath()
    let request = CreateCollectionRequest(name: "long", metadata: ["hnsw:search_ef": .int(length)])
    let id = try await engine.createCollection(request, in: path).id
    let batch = RecordBatch(ids: ["a", "b"], embeddings: EmbeddingBatch([[1, 0], [0, 1]]))
    try await engine.add(batch, to: id, in: path)
    let question = QueryRequest(embeddings: EmbeddingBatch([[0, 2]]), nResults: 1)
    #expect(try await engine.query(question, in: id, in: path).records.map(\.ids) == [["b"]])
    await engine.close()
  }

  @Test("The plan follows the filter: none, a scan of few rows, the graph for many")
  func plans() async throws {
    let seed: UInt64 = 31
    var generator = SeededGenerator(seed: seed)
    let directory = try TemporaryDirectory()
    let engine = try await Engine.open(at: directory.path)
    let path = DatabasePath()
    // With so short a list a walk costs less than a scan of 6,000 rows, which is not so with the usual 100.
    let request = CreateCollectionRequest(name: "explained", metadata: ["hnsw:search_ef": .int(10)])
    let id = try await engine.createCollection(request, in: path).id
    let rows = 6_000
    for start in stride(from: 0, to: rows, by: 2_000) {
      let vectors = (0..<2_000).map { _ in (0..<64).map { _ in generator.nextGaussian() } }
      var batch = RecordBatch(ids: (start..<start + 2_000).map(String.init), embeddings: EmbeddingBatch(vectors))
      batch.metadatas = (start..<start + 2_000).map { ["n": .int(Int64($0))] }
      try await engine.add(batch, to: id, in: path)
    }
    func explanation(_ predicate: Where?, explain: Bool = true) async throws -> QueryExplanation? {
      let question = EmbeddingBatch([[Float](repeating: 0.1, count: 64), [Float](repeating: -1, count: 64)])
      let request = QueryRequest(
        embeddings: question, nResults: 5, filter: RecordFilter(predicate: predicate), include: [], explain: explain)
      return try await engine.query(request, in: id, in: path).explanation
    }
    while try #require(try await explanation(nil)).linked < rows { await Task.yield() }
    let all = try #require(try await explanation(nil))
    #expect(all.plan == .graph && all.matching == rows && all.rows == rows, "seed \(seed): \(all)")
    #expect(all.questions.count == 2 && all.questions.allSatisfy { $0.visited > 0 && $0.distances < rows })
    let few = try #require(try await explanation(.metadata(key: "n", .ordered(.less, .int(60)))))
    #expect(few.plan == .scan && few.matching == 60, "\(few)")
    #expect(few.questions == [.init(visited: 0, distances: 60), .init(visited: 0, distances: 60)])
    let none = try #require(try await explanation(.metadata(key: "n", .equal(.int(-1)))))
    #expect(none.plan == .none && none.matching == 0 && none.questions.isEmpty)
    #expect(try await explanation(nil, explain: false) == nil)
    await engine.close()
  }
}
