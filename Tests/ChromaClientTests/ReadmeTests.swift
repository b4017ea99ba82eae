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
    let notes = try await client.getOrCreateCollection("notes", embeddingFunction: try MiniLM(.locate()))
    try await notes.upsert(ids: ["owl"], documents: ["The owl flies at dusk."], metadatas: [["year": .int(2024)]])
    let near = try await notes.query(
      "birds of the night", limit: 3, where: .key("year") >= 2020 && .document(contains: "owl"))
    #expect(near.map { $0.record.document ?? "" } == ["The owl flies at dusk."])
    await client.shutdown()
  }
}
