import ChromaClient
import ChromaEngine
import ChromaTestSupport
import Testing

@Suite("Connecting")
struct ClientConnectTests {
  @Test("In process, what was stored is there the next time, and the directory is held meanwhile")
  func inProcess() async throws {
    let directory = try TemporaryDirectory()
    let configuration = try ClientConfiguration(directory: directory.path + "/data", environment: [:])
    let client = try await Client.connect(configuration, logger: silent)
    let notes = try await client.createCollection("notes")
    try await notes.add(ids: ["a"], embeddings: EmbeddingBatch([[1, 0]]))
    let held = await #expect(throws: ChromaError.self) { try await Client.connect(configuration, logger: silent) }
    #expect(held?.code == .unavailable)
    #expect(try await client.version() == nil)
    await client.shutdown()
    await #expect(throws: ChromaError.self) { try await notes.count() }
    let again = try await Client.connect(configuration, logger: silent)
    #expect(try await again.collection("notes").count() == 1)
    await again.shutdown()
  }

  @Test("A server by its settings, with token, tenant and database")
  func server() async throws {
    try await withEngine { engine in
      try await engine.createTenant("acme")
      try await engine.createDatabase(DatabasePath(tenant: "acme", database: "one"))
      try await withLiveServer(engine, token: "secret") { address in
        let environment = [
          "CHROMA_HOST": address.host, "CHROMA_PORT": "\(address.port)", "CHROMA_AUTH_TOKEN": "secret",
          "CHROMA_TENANT": "acme", "CHROMA_DATABASE": "one",
        ]
        let client = try await Client.connect(ClientConfiguration(environment: environment), logger: silent)
        _ = try await client.createCollection("notes")
        #expect(try await client.collections().map(\.path) == [DatabasePath(tenant: "acme", database: "one")])
        #expect(try await client.version() == "1.0.0")
        await client.shutdown()
        let stranger = try await Client.connect(
          ClientConfiguration(token: "wrong", environment: environment), logger: silent)
        let refused = await #expect(throws: ChromaError.self) { try await stranger.collections() }
        #expect(refused?.code == .forbidden)
        await stranger.shutdown()
      }
    }
  }

  @Test("A server that is away is found out by the first call")
  func away() async throws {
    var configuration = try ClientConfiguration(host: "no-such-host.invalid", environment: [:])
    configuration.retry = .none
    let client = try await Client.connect(configuration, logger: silent)
    let error = await #expect(throws: ChromaError.self) { try await client.heartbeat() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("no-such-host.invalid:8000") == true)
    await client.shutdown()
  }
}
