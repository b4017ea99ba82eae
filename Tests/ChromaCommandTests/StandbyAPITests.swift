import ChromaModel
import ChromaTestSupport
import Testing

@testable import chroma

@Suite("A server that waits for its data directory")
struct StandbyAPITests {
  @Test("It is alive, not ready, and refuses everything about data as unavailable")
  func waiting() async throws {
    let api = StandbyAPI()
    #expect(try await api.heartbeat() > 1_700_000_000_000_000_000)
    #expect(await !api.isReady())
    for refusal in [
      await #expect(throws: ChromaError.self) { _ = try await api.maxBatchSize() },
      await #expect(throws: ChromaError.self) { _ = try await api.tenant("default_tenant") },
      await #expect(throws: ChromaError.self) { _ = try await api.countCollections(in: DatabasePath()) },
    ] {
      #expect(refusal?.code == .unavailable)
    }
  }

  @Test("With an engine it answers as the engine does")
  func adopted() async throws {
    let api = StandbyAPI()
    api.adopt(MemoryDatabase())
    #expect(await api.isReady())
    #expect(try await api.tenant("default_tenant").name == "default_tenant")
    #expect(try await api.countCollections(in: DatabasePath()) == 0)
  }
}
