import ChromaEngine
import ChromaModel
import ChromaTestSupport
import Foundation
import Testing

@Suite("A collection that was saved, opened again")
struct ReopeningTests {
  private let path = DatabasePath()

  /// An engine with one collection of `rows` records, some replaced and some deleted.
  private func fill(_ directory: String, rows: Int, seed: UInt64) async throws -> (Identifier, ModelCollection) {
    var random = RandomRecords(seed: seed, dimension: 8, idCount: rows)
    var model = ModelCollection()
    let engine = try await Engine.open(at: directory)
    let collection = try await engine.createCollection(CreateCollectionRequest(name: "saved"), in: path)
    for start in stride(from: 0, to: rows, by: 250) {
      var batch = random.batch(count: 250)
      batch.ids = (start..<(start + 250)).map { "r\($0)" }
      try await engine.add(batch, to: collection.id, in: path)
      model.add(batch)
    }
    var upsert = random.batch(count: 40)
    upsert.ids = (0..<40).map { "r\($0 * 7)" }
    try await engine.upsert(upsert, to: collection.id, in: path)
    model.upsert(upsert)
    let delete = DeleteRequest(filter: RecordFilter(ids: (0..<50).map { "r\($0 * 11)" }))
    _ = try await engine.delete(delete, from: collection.id, in: path)
    _ = model.delete(delete)
    await engine.close()
    return (collection.id, model)
  }

  private func check(_ directory: String, _ id: Identifier, _ model: ModelCollection, _ what: String) async throws {
    let engine = try await Engine.open(at: directory)
    let all = try await engine.get(GetRequest(include: [.documents, .embeddings, .metadatas]), from: id, in: path)
    #expect(all.records.ids == model.rows.map(\.id), "\(what)")
    #expect(all.records.documents == model.rows.map(\.document), "\(what)")
    #expect(all.records.embeddings?.values == model.rows.flatMap(\.embedding), "\(what)")
    for row in model.rows.prefix(300).filter({ $0.id.hasSuffix("3") }) {
      let query = QueryRequest(embeddings: EmbeddingBatch([row.embedding]), nResults: 3)
      let found = try await engine.query(query, in: id, in: path)
      #expect(
        found.distances?.first
          == Array(model.distances(to: row.embedding, space: .l2, filter: RecordFilter()).prefix(3)))
    }
    await engine.close()
  }

  private func snapshot(_ directory: String, _ id: Identifier) -> String {
    "\(directory)/collections/\(id)/snapshot"
  }

  @Test("It answers as before, from its segments")
  func answersAsBefore() async throws {
    let directory = try TemporaryDirectory()
    let (id, model) = try await fill(directory.path, rows: 5_000, seed: 1)
    let files = try FileManager.default.contentsOfDirectory(atPath: snapshot(directory.path, id))
    #expect(files.contains("MANIFEST") && files.contains { $0.hasPrefix("graph") }, "\(files)")
    try await check(directory.path, id, model, "saved")
  }

  /// A copy of the directory of an engine at work is what a crash leaves: a checkpoint, a graph that may be older, and
  /// records beyond both.
  @Test("After a crash it answers as before, from what was saved and what was not", arguments: [UInt64(4)])
  func crashed(seed: UInt64) async throws {
    let directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: seed)
    let engine = try await Engine.open(at: directory.path)
    let id = try await engine.createCollection(CreateCollectionRequest(name: "crashed"), in: path).id
    var vectors: [[Float]] = []
    func add(_ count: Int) async throws {
      let first = vectors.count
      for _ in 0..<count { vectors.append((0..<8).map { _ in generator.nextGaussian() }) }
      let rows = first..<vectors.count
      try await engine.add(
        RecordBatch(
          ids: rows.map { "r\($0)" }, embeddings: EmbeddingBatch(Array(vectors[rows])),
          documents: rows.map { "document \($0)" }, metadatas: rows.map { ["row": .int(Int64($0))] }),
        to: id, in: path)
    }
    for _ in 0..<36 { try await add(500) }
    let manifest = snapshot(directory.path, id) + "/MANIFEST"
    while !FileManager.default.fileExists(atPath: manifest) { await Task.yield() }
    for _ in 0..<11 { try await add(500) }
    _ = try await engine.delete(
      DeleteRequest(filter: RecordFilter(ids: (0..<300).map { "r\($0 * 70)" })), from: id, in: path)
    let copy = directory.path + "-crashed"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try FileManager.default.copyItem(atPath: directory.path, toPath: copy)
    await engine.close()

    let restarted = try await Engine.open(at: copy)
    #expect(try await restarted.count(id, in: path) == vectors.count - 300, "seed \(seed)")
    let predicate = Where.and([
      .metadata(key: "row", .ordered(.greaterOrEqual, .int(15_000))), .document(.contains("document 2")),
    ])
    let found = try await restarted.get(GetRequest(filter: RecordFilter(predicate: predicate)), from: id, in: path)
    #expect(found.records.ids == (20_000..<vectors.count).filter { $0 % 70 != 0 || $0 >= 21_000 }.map { "r\($0)" })
    for row in stride(from: 1, to: vectors.count, by: 997) where row % 70 != 0 {
      let query = QueryRequest(embeddings: EmbeddingBatch([vectors[row]]), nResults: 1)
      #expect(try await restarted.query(query, in: id, in: path).records[0].ids == ["r\(row)"], "seed \(seed)")
    }
    await restarted.close()
  }

  @Test("Without its segments it answers the same, from the database")
  func answersWithoutSegments() async throws {
    let directory = try TemporaryDirectory()
    let (id, model) = try await fill(directory.path, rows: 3_000, seed: 2)
    try FileManager.default.removeItem(atPath: snapshot(directory.path, id))
    try await check(directory.path, id, model, "no snapshot")
  }

  @Test("Any damaged or missing segment costs time, never an answer", arguments: [UInt64(3)])
  func damageCostsNoAnswer(seed: UInt64) async throws {
    let directory = try TemporaryDirectory()
    let (id, model) = try await fill(directory.path, rows: 3_000, seed: seed)
    let whole = directory.path + "-whole"
    try FileManager.default.copyItem(atPath: directory.path, toPath: whole)
    defer { try? FileManager.default.removeItem(atPath: whole) }
    var generator = SeededGenerator(seed: seed)
    for file in try FileManager.default.contentsOfDirectory(atPath: snapshot(whole, id)) {
      for kind in ["flipped", "cut", "missing"] {
        try FileManager.default.removeItem(atPath: directory.path)
        try FileManager.default.copyItem(atPath: whole, toPath: directory.path)
        let path = snapshot(directory.path, id) + "/" + file
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        switch kind {
        case "flipped": bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 0x10
        case "cut": bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
        default: break
        }
        if kind == "missing" {
          try FileManager.default.removeItem(atPath: path)
        } else {
          try bytes.write(to: URL(fileURLWithPath: path))
        }
        try await check(directory.path, id, model, "seed \(seed): \(file) \(kind)")
      }
    }
  }
}
