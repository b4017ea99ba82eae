import ChromaClient
import ChromaTestSupport
import Embeddings
import Testing

@Suite("The README's lines")
struct ReadmeTests {
  @Test("Its Swift example runs", .enabled(if: (try? ModelFiles.locate()) != nil, "the embedding model is not here"))
  func example() async throws {
    let directory = try TemporaryDirectory()
    let client = try await Client.connect(ClientConfiguration(place: .inProcess(directory: directory.path + "/data")))
    let birds = try await client.getOrCreateCollection("birds", embeddingFunction: try MiniLM(.locate()))
    try await birds.upsert(ids: ["owl"], documents: ["The owl flies at dusk."], metadatas: [["year": .int(2024)]])
    let near = try await birds.query(
      "birds of the night", limit: 3, where: .key("year") >= 2020 && .document(contains: "owl"))
    #expect(near.map { $0.record.document ?? "" } == ["The owl flies at dusk."])
    await client.shutdown()
  }
}
