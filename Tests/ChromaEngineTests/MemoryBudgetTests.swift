import ChromaModel
import ChromaTestSupport
import Synchronization
import Testing

@testable import ChromaEngine

/// What the process is said to take.
private final class Meter: Sendable {
  let bytes = Atomic<Int>(0)
}

@Suite("The memory budget")
struct MemoryBudgetTests {
  private let path = DatabasePath()
  private let budget = 1 << 30

  private func open(
    _ directory: TemporaryDirectory, _ meter: Meter, patience: Duration = .seconds(3600), collections: Int = 2 << 30
  ) async throws -> (Engine, Identifier) {
    var configuration = EngineConfiguration()
    configuration.memoryBudget = collections
    configuration.processMemoryBudget = budget
    configuration.memoryPatience = patience
    configuration.measureMemory = { meter.bytes.load(ordering: .relaxed) }
    let engine = try await Engine.open(at: directory.path, configuration: configuration)
    let id = try await engine.createCollection(CreateCollectionRequest(name: "held"), in: path).id
    try await engine.add(batch(0..<10), to: id, in: path)
    return (engine, id)
  }

  private func batch(_ ids: Range<Int>, dimension: Int = 64) -> RecordBatch {
    RecordBatch(
      ids: ids.map { "r\($0)" },
      embeddings: EmbeddingBatch(ids.map { id in (0..<dimension).map { Float((id * 7 + $0) % 13) } }))
  }

  private func setMemory(_ bytes: Int, _ meter: Meter, _ engine: Engine) {
    meter.bytes.store(bytes, ordering: .relaxed)
    engine.gate.measureNow()
  }

  @Test("Above the mark a write waits, reads and deletes go on, and it is let go when there is room")
  func holdsAndLetsGo() async throws {
    let directory = try TemporaryDirectory()
    let meter = Meter()
    let (engine, id) = try await open(directory, meter)
    setMemory(budget, meter, engine)
    let write = Task { try await engine.add(batch(10..<20), to: id, in: path) }
    while engine.gate.heldCount == 0 { await Task.yield() }
    #expect(try await engine.count(id, in: path) == 10)
    let question = QueryRequest(embeddings: try #require(batch(3..<4).embeddings), nResults: 1)
    #expect(try await engine.query(question, in: id, in: path).records.map(\.ids) == [["r3"]])
    _ = try await engine.delete(DeleteRequest(filter: RecordFilter(ids: ["r0"])), from: id, in: path)
    #expect(try await engine.count(id, in: path) == 9)
    #expect(engine.gate.heldCount == 1)
    #expect(try await engine.memory().heldWrites == 1)
    setMemory(engine.gate.writeMark, meter, engine)
    await engine.relieve()
    try await write.value
    #expect(try await engine.count(id, in: path) == 19)
    #expect(engine.gate.heldCount == 0)
    await engine.close()
  }

  @Test("One that has waited long enough is refused with the numbers, and nothing of it is stored")
  func refusesInTheEnd() async throws {
    let directory = try TemporaryDirectory()
    let meter = Meter()
    let (engine, id) = try await open(directory, meter, patience: .zero)
    setMemory(budget, meter, engine)
    let error = await #expect(throws: ChromaError.self) { try await engine.upsert(batch(5..<15), to: id, in: path) }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("1024 MB of a budget of 1024 MB") == true, "\(error?.message ?? "")")
    #expect(try await engine.count(id, in: path) == 10)
    setMemory(0, meter, engine)
    try await engine.upsert(batch(5..<15), to: id, in: path)
    #expect(try await engine.count(id, in: path) == 15)
    await engine.close()
  }

  @Test("What waits is bounded in bytes: more is refused at once")
  func boundsWhatWaits() async throws {
    let meter = Meter()
    meter.bytes.store(1_000, ordering: .relaxed)
    let gate = MemoryGate(budget: 1_024, patience: .seconds(3600)) { meter.bytes.load(ordering: .relaxed) }
    // One that is larger than all that may wait may do so alone.
    let first = Task { try await gate.admit(1_000) {} }
    while gate.heldCount == 0 { await Task.yield() }
    await #expect(throws: ChromaError.self) { try await gate.admit(1) {} }
    meter.bytes.store(10, ordering: .relaxed)
    gate.admitWaiting()
    try await first.value
    try await gate.admit(1 << 40) {}
  }

  @Test("Who waits when the engine closes is refused")
  func closing() async throws {
    let directory = try TemporaryDirectory()
    let meter = Meter()
    let (engine, id) = try await open(directory, meter)
    setMemory(budget, meter, engine)
    let write = Task { try await engine.add(batch(10..<20), to: id, in: path) }
    while engine.gate.heldCount == 0 { await Task.yield() }
    await engine.close()
    await #expect(throws: ChromaError.self) { try await write.value }
  }

  @Test("Idle collections are closed before a writer is refused")
  func closesIdleCollections() async throws {
    let directory = try TemporaryDirectory()
    let meter = Meter()
    let (engine, id) = try await open(directory, meter)
    #expect(try await engine.memory().collections.map(\.id) == [id])
    setMemory(budget, meter, engine)
    await engine.relieve()
    #expect(try await engine.memory().collections.isEmpty)
    // It is opened again by whoever asks for it.
    #expect(try await engine.count(id, in: path) == 10)
    await engine.close()
  }

  @Test("Of small collections no more are open than their part has room for")
  func boundsSmallCollections() async throws {
    let directory = try TemporaryDirectory()
    var configuration = EngineConfiguration()
    configuration.smallCollectionsMemory = 1 << 20
    let engine = try await Engine.open(at: directory.path, configuration: configuration)
    var ids: [Identifier] = []
    for number in 0..<20 {
      let id = try await engine.createCollection(CreateCollectionRequest(name: "small-\(number)"), in: path).id
      try await engine.add(batch(0..<50), to: id, in: path)
      ids.append(id)
    }
    let open = try await engine.memory().collections
    let bytes = open.reduce(0) { $0 + $1.bytes.anonymous }
    // The one that was opened last has grown since.
    #expect(!open.isEmpty && bytes < 2 << 20, "\(open.count) take \(bytes)")
    for id in ids { #expect(try await engine.count(id, in: path) == 50) }
    await engine.close()
  }

  @Test("A collection whose codes and links exceed the budget is refused growth, by numbers, and can be read")
  func refusesWhatCannotFit() async throws {
    let directory = try TemporaryDirectory()
    let meter = Meter()
    // Room for some hundred rows of 64 codes and 38 words of links.
    let (engine, id) = try await open(directory, meter, collections: 200_000)
    try await engine.add(batch(10..<500), to: id, in: path)
    let error = await #expect(throws: ChromaError.self) {
      try await engine.add(batch(500..<1_000), to: id, in: path)
    }
    #expect(error?.code == .insufficientStorage)
    #expect(error?.message.contains("1000 rows of") == true, "\(error?.message ?? "")")
    let question = QueryRequest(embeddings: try #require(batch(3..<4).embeddings), nResults: 1)
    #expect(try await engine.query(question, in: id, in: path).records.map(\.ids) == [["r3"]])
    _ = try await engine.delete(DeleteRequest(filter: RecordFilter(ids: ["r0"])), from: id, in: path)
    #expect(try await engine.count(id, in: path) == 499)
    await engine.close()
  }

  @Test("The report counts what is there")
  func reports() async throws {
    let directory = try TemporaryDirectory()
    let (engine, id) = try await open(directory, Meter())
    _ = try await engine.delete(DeleteRequest(filter: RecordFilter(ids: ["r0"])), from: id, in: path)
    let report = try await engine.memory()
    #expect(report.budget == budget)
    #if os(Linux)
      #expect(report.anonymous > 1 << 20 && report.mapped > 1 << 20, "\(report)")
    #endif
    let collection = try #require(report.collections.first)
    #expect(collection.name == "held" && collection.rows == 9 && collection.deadRows == 1)
    #expect(collection.bytes.vectors == 10 * 64 * 4)
    #expect(collection.bytes.codes == 10 * (64 + 8))
    #expect(collection.bytes.links >= 10 * 192 && collection.bytes.database > 0)
    #expect(collection.bytes.mapped == 0)
    await engine.close()
  }

  @Test("Pages of statm are told apart", arguments: [("9 7 3 1 0 1 0\n", 4, 3), ("", 0, 0), ("5 2 9 1", 0, 9)])
  func statm(text: String, anonymous: Int, mapped: Int) {
    #expect(
      ProcessMemory(statm: text, pageBytes: 4096)
        == ProcessMemory(anonymous: anonymous * 4096, mapped: mapped * 4096))
  }
}
