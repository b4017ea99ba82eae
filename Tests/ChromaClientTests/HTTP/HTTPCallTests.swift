import ChromaModel
import NIOHTTP1
import Testing

@testable import ChromaClient

@Suite("What a client sends")
struct HTTPCallTests {
  @Test("The token goes in its header, and nothing without one")
  func token() async throws {
    let beat = ScriptedServer.Act.answer(200, #"{"nanosecond heartbeat":1}"#)
    try await ScriptedServer.run([beat, beat, beat]) { (server) async throws in
      for (token, header) in [("t1", TokenHeader.authorization), ("t2", .chromaToken), (nil, .authorization)] {
        let api = HTTPAPI(server.address, token: token, tokenHeader: header, logger: silent)
        #expect(try await api.heartbeat() == 1)
        await api.shutdown()
      }
      let headers = server.received.map(\.head.headers)
      #expect(headers.map { $0["authorization"] } == [["Bearer t1"], [], []])
      #expect(headers.map { $0["x-chroma-token"] } == [[], ["t2"], []])
    }
  }

  @Test("Names are encoded in paths, every byte that could mean something else")
  func paths() async throws {
    let found = ScriptedServer.Act.answer(200, #"{"name":"x"}"#)
    try await ScriptedServer.run(Array(repeating: found, count: 5)) { (server) async throws in
      let api = Rig.api(server.address)
      for name in ["a/b", "a b?c=d#e", "..", "é%", "A-Z_a.z~09"] { _ = try await api.tenant(name) }
      #expect(
        server.lines
          == ["a%2Fb", "a%20b%3Fc%3Dd%23e", "%2E%2E", "%C3%A9%25", "A-Z_a.z~09"].map { "GET /api/v2/tenants/\($0)" })
      await api.shutdown()
    }
  }

  @Test("What the server wants known is asked once, and asked again after a failure")
  func preflight() async throws {
    try await ScriptedServer.run([
      .answer(500, #"{"error":"InternalError","message":"no"}"#), .answer(200, Rig.preflight), .answer(201, "{}"),
      .answer(201, "{}"),
    ]) { (server) async throws in
      let api = Rig.api(server.address)
      await Rig.expect(.internal, ["no"]) { try await api.maxBatchSize() }
      try await api.add(Rig.batch, to: Rig.collection, in: Rig.path)
      #expect(try await api.maxBatchSize() == 10)
      try await api.add(Rig.batch, to: Rig.collection, in: Rig.path)
      let check = "GET /api/v2/pre-flight-checks"
      #expect(server.lines == [check, check, "POST \(Rig.records)/add", "POST \(Rig.records)/add"])
      #expect(server.received.last?.body == #"{"ids":["a"],"embeddings":["AACAPwAAAAA="]}"#)
      #expect(server.received.last?.head.headers["content-type"] == ["application/json"])
      await api.shutdown()
    }
  }

  @Test("A server that says nothing of base64 gets numbers, one that says nothing of batches small ones")
  func withoutBase64() async throws {
    try await ScriptedServer.run([.answer(200, "{}"), .answer(201, "{}")]) { (server) async throws in
      let api = Rig.api(server.address)
      #expect(try await api.maxBatchSize() == 1000)
      try await api.add(Rig.batch, to: Rig.collection, in: Rig.path)
      #expect(server.received.last?.body == #"{"ids":["a"],"embeddings":[[1.0,0.0]]}"#)
      await api.shutdown()
    }
  }

  @Test("Whether a server is ready is asked once; being alive is enough where it may not be asked")
  func ready() async throws {
    try await ScriptedServer.run([
      .answer(200, "{}"), .answer(503, "{}"), .reset, .answer(403, "{}"), .answer(200, "{}"), .answer(404, ""),
      .answer(500, "{}"),
    ]) { (server) async throws in
      let api = Rig.api(server.address)
      var answers: [Bool] = []
      for _ in 0..<5 { answers.append(await api.isReady()) }
      #expect(answers == [true, false, false, true, false])
      #expect(server.lines.count == 7)
      await api.shutdown()
    }
  }
}
