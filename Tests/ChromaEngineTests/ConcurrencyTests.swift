import ChromaEngine
import ChromaModel
import ChromaTestSupport
import Testing

@Suite("Readers and writers at once")
struct ConcurrencyTests {
  private let path = DatabasePath()

  /// A record whose embedding, document and metadata all tell its version.
  private func batch(_ ids: Range<Int>, version: Int) -> RecordBatch {
    let count = ids.count
    return RecordBatch(
      ids: ids.map { "r\($0)" },
      embeddings: EmbeddingBatch(ids.map { [Float($0), Float(version)] }),
      documents: (0..<count).map { _ in "version \(version)" },
      metadatas: (0..<count).map { _ in ["version": .int(Int64(version))] })
  }

  @Test("Every answer pairs a distance with the document and the metadata of one version")
  func answersAreOfOneVersion() async throws {
    let directory = try TemporaryDirectory()
    let engine = try await Engine.open(at: directory.path)
    let id = try await engine.createCollection(CreateCollectionRequest(name: "versions"), in: path).id
    try await engine.add(batch(0..<3_000, version: 0), to: id, in: path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<2 {
        group.addTask {
          for version in 1...40 {
            // Each writer owns half of the ids and replaces them all, batch by batch.
            for start in stride(from: writer * 1_500, to: (writer + 1) * 1_500, by: 300) {
              try await engine.upsert(batch(start..<(start + 300), version: version), to: id, in: path)
            }
          }
        }
      }
      for reader in 0..<3 {
        group.addTask {
          var random = SeededGenerator(seed: UInt64(reader))
          for _ in 0..<400 {
            let row = Float(Int.random(in: 0..<3_000, using: &random))
            let request = QueryRequest(
              embeddings: EmbeddingBatch([[row, 0]]), nResults: 8,
              filter: RecordFilter(
                predicate: Bool.random(using: &random)
                  ? .metadata(key: "version", .ordered(.greaterOrEqual, .int(0))) : nil))
            let result = try await engine.query(request, in: id, in: path)
            let records = result.records[0]
            #expect(records.ids.count == 8)
            #expect(Set(records.ids).count == 8, "one record twice in an answer")
            for (place, recordID) in records.ids.enumerated() {
              let version = try #require(records.metadatas?[place]?["version"])
              guard case .int(let number) = version, let own = Int(recordID.dropFirst()) else { continue }
              #expect(records.documents?[place] == "version \(number)")
              let expected = (Float(own) - row) * (Float(own) - row) + Float(number) * Float(number)
              #expect(result.distances?[0][place] == expected, "\(recordID) at version \(number)")
            }
            #expect(try await engine.count(id, in: path) == 3_000)
          }
        }
      }
      try await group.waitForAll()
    }
    let all = try await engine.get(GetRequest(include: [.documents]), from: id, in: path).records
    #expect(all.ids == (0..<3_000).map { "r\($0)" })
    #expect(all.documents?.allSatisfy { $0 == "version 40" } == true)
    await engine.close()
  }

  @Test("Writes of many requests share commits, and each gets its own answer")
  func writesShareCommits() async throws {
    let directory = try TemporaryDirectory()
    let engine = try await Engine.open(at: directory.path)
    let id = try await engine.createCollection(CreateCollectionRequest(name: "shared"), in: path).id
    try await engine.add(batch(0..<1, version: 0), to: id, in: path)
    let refused = await withTaskGroup(of: Bool.self) { group in
      for number in 1..<400 {
        group.addTask {
          // Every tenth has the wrong dimension and must fail alone.
          let batch =
            number % 10 == 0
            ? RecordBatch(ids: ["bad\(number)"], embeddings: EmbeddingBatch([[1, 2, 3]]))
            : batch(number..<(number + 1), version: 0)
          do {
            try await engine.add(batch, to: id, in: path)
            return false
          } catch {
            return (error as? ChromaError)?.message.contains("dimension") ?? false
          }
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(refused == 39)
    #expect(try await engine.count(id, in: path) == 361)
    await engine.close()
  }

  @Test("Collections are created, written and deleted by many at once")
  func collectionsComeAndGo() async throws {
    let directory = try TemporaryDirectory()
    var configuration = EngineConfiguration()
    configuration.maxOpenCollections = 8
    let engine = try await Engine.open(at: directory.path, configuration: configuration)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<8 {
        group.addTask {
          for round in 0..<25 {
            let name = "c-\(worker)-\(round)"
            let id = try await engine.createCollection(CreateCollectionRequest(name: name), in: path).id
            try await engine.add(batch(0..<20, version: round), to: id, in: path)
            #expect(try await engine.count(id, in: path) == 20)
            if round % 3 == 0 { try await engine.deleteCollection(named: name, in: path) }
          }
        }
      }
      try await group.waitForAll()
    }
    let left = try await engine.collections(in: path, limit: nil, offset: 0)
    #expect(left.count == 8 * 16)
    for info in left { #expect(try await engine.count(info.id, in: path) == 20) }
    await engine.close()
    let again = try await Engine.open(at: directory.path, configuration: configuration)
    for info in left { #expect(try await again.count(info.id, in: path) == 20) }
    await again.close()
  }
}
