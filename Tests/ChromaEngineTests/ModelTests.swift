import ChromaEngine
import ChromaModel
import ChromaTestSupport
import Foundation
import Testing

@Suite("The engine against a dictionary")
struct ModelTests {
  /// Long form: `CHROMA_MODEL_OPERATIONS=1000000 swift test --filter ModelTests`.
  static let operations = ProcessInfo.processInfo.environment["CHROMA_MODEL_OPERATIONS"].flatMap(Int.init) ?? 100_000

  @Test(
    "Random operations of every kind, restarts included, agree with the dictionary", arguments: [UInt64(20_240_601)])
  func operationsAgree(seed: UInt64) async throws {
    let directory = try TemporaryDirectory()
    var run = try await ModelRun(seed: seed, directory: directory.path)
    for step in 0..<Self.operations {
      do {
        try await run.step()
      } catch {
        Issue.record("seed \(seed), step \(step): \(error)")
        break
      }
    }
    await run.engine.close()
    print(
      "model: seed \(seed), \(Self.operations) operations, \(run.restarts) restarts, \(run.model.rows.count) rows left")
  }
}

struct Difference: Error, CustomStringConvertible { var description: String }

/// One engine and one model, driven by the same draws.
struct ModelRun {
  var random: RandomRecords
  var model = ModelCollection()
  var engine: Engine
  var collection: CollectionInfo
  var restarts = 0
  let directory: String
  let path = DatabasePath()

  init(seed: UInt64, directory: String) async throws {
    random = RandomRecords(seed: seed, dimension: 4, idCount: 160)
    self.directory = directory
    engine = try await Engine.open(at: directory)
    collection = try await engine.createCollection(CreateCollectionRequest(name: "model"), in: path)
  }

  mutating func step() async throws {
    switch random.int(0..<1000) {
    case 0..<220:
      let batch = random.batch(count: random.int(1..<6))
      try await engine.add(batch, to: collection.id, in: path)
      model.add(batch)
    case 220..<420:
      let batch = random.batch(count: random.int(1..<6))
      try await engine.upsert(batch, to: collection.id, in: path)
      model.upsert(batch)
    case 420..<520:
      let batch = random.batch(count: random.int(1..<4), partial: true)
      try await engine.update(batch, in: collection.id, in: path)
      model.update(batch)
    case 520..<570:
      var request = DeleteRequest(filter: random.filter())
      if request.filter.predicate != nil, random.chance(80) { request.limit = random.int(0..<4) }
      try check(try await engine.delete(request, from: collection.id, in: path), model.delete(request), "\(request)")
    case 570..<800: try await get()
    case 800..<998: try await query()
    default:
      await engine.close()
      engine = try await Engine.open(at: directory)
      restarts += 1
      try check(try await engine.count(collection.id, in: path), model.rows.count, "count after a restart")
    }
  }

  private mutating func get() async throws {
    var request = GetRequest(filter: random.filter(), include: [.documents, .metadatas, .embeddings, .uris])
    if random.chance(30) { request.limit = random.int(0..<9) }
    if random.chance(30) { request.offset = random.int(0..<9) }
    let records = try await engine.get(request, from: collection.id, in: path).records
    let rows = records.ids.indices.map { index in
      ModelCollection.Row(
        id: records.ids[index], embedding: Array(records.embeddings?.vector(index) ?? []),
        document: records.documents?[index], uri: records.uris?[index],
        metadata: (records.metadatas?[index] ?? nil) ?? [:])
    }
    try check(rows, model.get(request), "\(request)")
  }

  private mutating func query() async throws {
    let vector = random.vector()
    var filter = random.filter()
    // An unknown id without a predicate is an error, tested elsewhere.
    if filter.predicate == nil { filter.ids = nil }
    let request = QueryRequest(embeddings: EmbeddingBatch([vector]), nResults: random.int(1..<20), filter: filter)
    let result = try await engine.query(request, in: collection.id, in: path)
    let expected = Array(model.distances(to: vector, space: .l2, filter: filter).prefix(request.nResults))
    try check(result.distances?.first ?? [], expected, "\(request)")
    for (id, document) in zip(result.records[0].ids, result.records[0].documents ?? []) {
      let row = model.rows.first { $0.id.utf8.elementsEqual(id.utf8) }
      try check(document, row?.document, "document of \(id)")
    }
  }

  private func check<T: Equatable>(_ received: T, _ expected: T, _ what: String) throws {
    guard received == expected else {
      throw Difference(description: "\(what)\nreceived \(received)\nexpected \(expected)")
    }
  }
}
