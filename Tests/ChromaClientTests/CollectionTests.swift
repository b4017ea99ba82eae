import ChromaClient
import ChromaModel
import ChromaTestSupport
import Embeddings
import Synchronization
import Testing

@Suite("A collection's handle")
struct CollectionTests {
  /// Letters a, b and c counted, and what was asked.
  private final class Letters: EmbeddingFunction {
    let name = "letters"
    let dimension = 3
    private let asked = Mutex<[String]>([])
    private let forgets: Bool

    init(forgets: Bool = false) { self.forgets = forgets }

    var texts: [String] { asked.withLock { $0 } }

    func embed(_ texts: [String]) async throws -> EmbeddingBatch {
      asked.withLock { $0 += texts }
      return EmbeddingBatch(
        texts.dropLast(forgets ? 1 : 0).map { text in "abc".map { letter in Float(text.count { $0 == letter }) } })
    }
  }

  @Test("Documents are embedded where no vectors are given, and searched by text")
  func embedding() async throws {
    try await withServedClient { client in
      let letters = Letters()
      let notes = try await client.getOrCreateCollection("notes", embeddingFunction: letters)
      try await notes.add(ids: ["1", "2"], documents: ["aaa", "bbb"], metadatas: [["year": .int(2020)], nil])
      try await notes.upsert(ids: ["3"], documents: ["ccc"], metadatas: [["year": .int(2024)]])
      let matches = try await notes.query("bb", limit: 2)
      #expect(matches.first?.id == "2")
      #expect(matches.first?.record.document == "bbb")
      #expect(matches.first?.distance == 1)
      #expect(matches.count == 2)
      #expect(
        try await notes.query("bb", where: .key("year") >= 2020 && .document(contains: "c")).map(\.id) == ["3"])
      #expect(try await notes.query(["a", "c"], limit: 1).map { $0.map(\.id) } == [["1"], ["3"]])
      #expect(try await notes.query([String]()).isEmpty)
      // Only the document that changed is embedded.
      try await notes.update(ids: ["1", "2"], documents: ["cc", nil], metadatas: [nil, ["year": .some(.int(1))]])
      #expect(letters.texts == ["aaa", "bbb", "ccc", "bb", "bb", "a", "c", "cc"])
      let all = try await notes.get(include: [.documents, .metadatas, .embeddings])
      #expect(all.map(\.embedding) == [[0, 0, 2], [0, 3, 0], [0, 0, 3]])
      #expect(all.map(\.document) == ["cc", "bbb", "ccc"])
      #expect(all.map(\.metadata) == [["year": .int(2020)], ["year": .int(1)], ["year": .int(2024)]])
      #expect(try await notes.delete(where: .key("year") < 2021) == 2)
      #expect(try await notes.count() == 1)
    }
  }

  @Test("What makes no sense is refused before anybody is asked")
  func nonsense() async throws {
    let api = MemoryDatabase()
    let client = Client(api)
    let notes = try await client.createCollection("notes")
    let forgetful = try await client.collection("notes", embeddingFunction: Letters(forgets: true))
    let vectors = EmbeddingBatch([[1, 0]])
    api.fail(with: ChromaError(.internal, "somebody was asked"))
    func refuses(_ words: String, _ operation: () async throws -> Void) async {
      let error = await #expect(throws: ChromaError.self) { try await operation() }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }
    await refuses("2 ids, but 1 embeddings") { try await notes.add(ids: ["a", "b"], embeddings: vectors) }
    await refuses("1 ids, but 2 documents") { try await notes.add(ids: ["a"], documents: ["x", "y"]) }
    await refuses("without an embedding function") { try await notes.add(ids: ["a"], documents: ["x"]) }
    await refuses("without an embedding function") { _ = try await notes.query("x") }
    await refuses("Records need embeddings") { try await notes.add(ids: ["a"]) }
    await refuses("neither an embedding nor a document") {
      try await forgetful.add(ids: ["a", "b"], documents: ["x", nil])
    }
    await refuses("letters made 1 vectors of 2 texts") {
      try await forgetful.add(ids: ["a", "b"], documents: ["x", "y"])
    }
    await refuses("Name ids or a test") { _ = try await notes.delete() }
    await refuses("A limit of a deletion") { _ = try await notes.delete(ids: ["a"], limit: 1) }
    await refuses("limit is -1") { _ = try await notes.get(limit: -1) }
    await refuses("offset is -2") { _ = try await notes.get(offset: -2) }
    await refuses("limit is 4294967296") { _ = try await notes.query(vectors, limit: 1 << 32) }
    // Nothing to do is done without asking.
    try await notes.add(ids: [], documents: [])
    try await notes.upsert(ids: [], embeddings: EmbeddingBatch([]))
    try await notes.update(ids: [])
  }

  @Test("Large writes go in batches of the server's size")
  func batches() async throws {
    try await withServedClient { client in
      let notes = try await client.createCollection("notes")
      let count = try await client.maxBatchSize() * 2 + 3
      let ids = (0..<count).map { "id-\($0)" }
      try await notes.add(
        ids: ids, embeddings: EmbeddingBatch(dimension: 2, values: (0..<count * 2).map { Float($0) }),
        metadatas: (0..<count).map { ["n": .int(Int64($0))] })
      #expect(try await notes.count() == count)
      let last = try await notes.get(where: .key("n") == count - 1, include: [.embeddings])
      #expect(last.map(\.id) == ["id-\(count - 1)"])
      #expect(last.first?.embedding == [Float(count * 2 - 2), Float(count * 2 - 1)])
    }
  }

  @Test("A batch that weighs more than a server takes is cut as well")
  func weight() async throws {
    try await withServedClient { client in
      let notes = try await client.createCollection("notes")
      let (count, dimension) = (5461, 1536)
      try await notes.add(
        ids: (0..<count).map { "id-\($0)" },
        embeddings: EmbeddingBatch(dimension: dimension, values: [Float](repeating: 0.125, count: count * dimension)))
      #expect(try await notes.count() == count)
    }
  }

  @Test("A collection takes another name; its handle says what is true then")
  func modify() async throws {
    try await withServedClient { client in
      let notes = try await client.createCollection("notes", metadata: ["a": .int(1)])
      let renamed = try await notes.modify(name: "papers", metadata: ["b": .some(.bool(true))])
      #expect(renamed.name == "papers")
      #expect(renamed.metadata == ["b": .bool(true)])
      #expect(renamed.id == notes.id)
      #expect(try await client.countCollections() == 1)
      try await client.deleteCollection("papers")
      let error = await #expect(throws: ChromaError.self) { try await renamed.count() }
      #expect(error?.code == .notFound)
    }
  }

  @Test("Tenants and databases")
  func places() async throws {
    try await withServedClient { client in
      try await client.createTenant("acme corp")
      #expect(try await client.tenant("acme corp").name == "acme corp")
      try await client.createDatabase("second")
      #expect(try await client.databases().map(\.name) == ["default_database", "second"])
      let second = client.database("second")
      _ = try await second.createCollection("notes")
      #expect(try await second.countCollections() == 1)
      #expect(try await client.countCollections() == 0)
      #expect(try await client.databaseInfo("second").tenant == "default_tenant")
      try await client.deleteDatabase("second")
      #expect(try await client.heartbeat() > 0)
      #expect(await client.isReady())
    }
  }

  @Test("Hundreds of calls at once are all answered")
  func manyAtOnce() async throws {
    try await withServedClient { client in
      let notes = try await client.createCollection("notes")
      try await notes.add(ids: ["a", "b"], embeddings: EmbeddingBatch([[1, 0], [0, 1]]))
      let found = try await withThrowingTaskGroup(of: [[Match]].self) { group in
        for number in 0..<400 {
          group.addTask { try await notes.query(EmbeddingBatch([[Float(number), 1]]), limit: 1) }
        }
        return try await group.reduce(into: 0) { $0 += $1.joined().count }
      }
      #expect(found == 400)
    }
  }
}
