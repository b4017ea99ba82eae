import ChromaModel
import HTTPTypes
import ChromaTestSupport
import Testing

@testable import ChromaServer

@Suite("The route of memory")
struct MemoryRoutesTests {
  private let path = "/api/v2/admin/memory"

  @Test("It tells the budget, the process, bodies in flight, and each collection's bytes by kind")
  func report() async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.memory = FixedMemory(.example)
    try await withServer(configuration: configuration) { (server) async throws in
      let answer = try await server.send(.get, path)
      #expect(answer.status == 200)
      #expect(
        try answer.json == [
          "budget": 1_000, "process": ["anonymous": 700, "mapped": 90, "free_heap": 50], "bodies_in_flight": 0,
          "held_writes": 2,
          "collections": [
            [
              "id": "6f9619ff-8b86-4011-b42d-00cf4fc964ff", "name": "things", "tenant": "acme", "database": "main",
              "rows": 10, "dead_rows": 3, "anonymous": 445, "mapped": 66,
              "bytes": [
                "vectors": 1, "vectors_mapped": 2, "codes": 4, "links": 8, "recent_records": 16, "blocks": 32,
                "blocks_mapped": 64, "ids": 128, "database": 256,
              ],
            ]
          ],
        ])
    }
  }

  @Test("Without anybody who knows, it says so")
  func off() async throws {
    try await withServer { (server) async throws in #expect(try await server.send(.get, path).status == 412) }
  }

  @Test("While memory is short, bodies have half their bytes")
  func bodiesGiveWay() throws {
    let memory = FixedMemory(.example)
    let gate = RequestGate(maxRequests: 2, maxBytes: 10) { memory.isShortOfMemory }
    try gate.reserve(4)
    memory.setShort(true)
    try gate.reserve(1)
    #expect(throws: ChromaError.self) { try gate.reserve(1) }
    #expect(gate.bytesInFlight == 5)
    memory.setShort(false)
    try gate.reserve(5)
    #expect(throws: ChromaError.self) { try gate.reserve(1) }
    gate.release(10)
    #expect(gate.bytesInFlight == 0)
  }
}
