import ChromaModel
import Foundation
import Testing

@testable import ChromaClient

@Suite("What a client makes of answers that are none")
struct HTTPAnswerTests {
  @Test("A page is no answer of Chroma's, whatever its status")
  func pages() async throws {
    let page = "<!DOCTYPE html>\n<title>Welcome</title>"
    try await ScriptedServer.run([
      .answer(200, page), .answer(404, page), .answer(500, page), .answer(403, page), .answer(200, ""),
      .answer(200, #"{"ids":["a"]"#), .answer(200, "[1,2]"), .answer(200, #"{"ids":["a"],"documents":[]}"#),
      .answer(200, #"{"name":"things"}"#), .answer(404, #""nothing""#),
    ]) { (server) async throws in
      let api = Rig.api(server.address)
      func get() async throws -> GetResult { try await api.get(GetRequest(), from: Rig.collection, in: Rig.path) }
      await Rig.expect(.internal, ["status 200", "not Chroma's JSON", "<!DOCTYPE html> <title>"]) { try await get() }
      await Rig.expect(.internal, ["status 404", "not Chroma's JSON"]) { try await get() }
      await Rig.expect(.internal, ["status 500"]) { try await get() }
      await Rig.expect(.forbidden, ["status 403"]) { _ = try await get() }
      await Rig.expect(.internal, ["nothing"]) { try await get() }
      await Rig.expect(.internal, ["EOF"]) { try await get() }
      await Rig.expect(.internal, ["expected `{`"]) { try await get() }
      await Rig.expect(.internal, ["1 ids, but a column of 0"]) { try await get() }
      await Rig.expect(.internal, ["id is missing"]) { try await api.collection(named: "things", in: Rig.path) }
      await Rig.expect(.internal, ["status 404"]) { try await api.tenant("nobody") }
      await api.shutdown()
    }
  }

  @Test("What is no HTTP is said to be none")
  func noHTTP() async throws {
    try await ScriptedServer.run([.bytes(Array("SSH-2.0-OpenSSH_9.2\r\n\r\n".utf8))]) { (server) async throws in
      let api = Rig.api(server.address)
      await Rig.expect(.internal, ["it is not HTTP"]) { try await api.heartbeat() }
      #expect(server.lines.count == 1)
      await api.shutdown()
    }
  }

  @Test("An answer that is too long is refused while it comes, compressed or not")
  func tooLong() async throws {
    let long = "\"" + String(repeating: "x", count: 300_000) + "\""
    // 200,000 spaces.
    let gzip = try #require(Self.compressedSpaces)
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: \(gzip.count)\r\n\r\n"
    try await ScriptedServer.run([.answer(200, long), .bytes(Array(head.utf8) + gzip), .bytes(Array(head.utf8) + gzip)])
    { (server) async throws in
      let api = Rig.api(server.address, attempts: 1, maxAnswerBytes: 100_000)
      await Rig.expect(.payloadTooLarge, ["100000 bytes"]) { try await api.version() }
      await Rig.expect(.payloadTooLarge, ["100000 bytes"]) { try await api.version() }
      let patient = Rig.api(server.address, attempts: 1, maxAnswerBytes: 1_000_000)
      await Rig.expect(.internal, ["not Chroma's JSON", "EOF"]) { try await patient.version() }
      await api.shutdown()
      await patient.shutdown()
    }
  }

  @Test("A redirect is not followed: the token would go along")
  func redirects() async throws {
    try await ScriptedServer.run([]) { (other) async throws in
      let target = other.address.url + "/api/v2/heartbeat"
      try await ScriptedServer.run(
        [301, 302, 307, 308].map { .answer($0, "", headers: ["location: \(target)"]) }
      ) { (server) async throws in
        let api = Rig.api(server.address, token: "secret")
        for _ in 0..<4 {
          await Rig.expect(.failedPrecondition, [target, "not followed"]) { try await api.heartbeat() }
        }
        #expect(other.lines == [])
        await api.shutdown()
      }
    }
  }

  @Test("Every code comes back, but for one that looks like another")
  func codes() async throws {
    try await ScriptedServer.run(
      ChromaError.Code.all.map {
        .answer($0.httpStatus, #"{"error":"\#($0.wireName)","message":"\#($0.name)"}"#)
      }
    ) { (server) async throws in
      let api = Rig.api(server.address, attempts: 1)
      for code in ChromaError.Code.all {
        await Rig.expect(code == .malformedJSON ? .invalidArgument : code, [code.name]) { try await api.heartbeat() }
      }
      await api.shutdown()
    }
  }

  @Test(
    "Codes nobody knows are of their status's kind",
    arguments: [(402, ChromaError.Code.failedPrecondition), (418, .failedPrecondition), (599, .internal)])
  func unknownCodes(status: Int, code: ChromaError.Code) async throws {
    try await ScriptedServer.run([.answer(status, #"{"error":"Odd","message":"words"}"#)]) { (server) async throws in
      let api = Rig.api(server.address)
      await Rig.expect(code, ["words"]) { try await api.heartbeat() }
      await api.shutdown()
    }
  }

  private static let compressedSpaces = Data(
    base64Encoded:
      "H4sIAAAAAAACA+3BMQEAAADCoCrrn9IM/kABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAK8BMWFi"
      + "EEANAwA="
  ).map(Array.init)
}
