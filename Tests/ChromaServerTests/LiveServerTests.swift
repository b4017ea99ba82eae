import HTTPTypes
import ChromaModel
import ChromaTestSupport
import Hummingbird
import HummingbirdTesting
import Testing

@testable import ChromaServer

@Suite struct LiveServerTests {
  @Test("Requests follow one another on one connection")
  func keepAlive() async throws {
    try await withServer(.live) { (server) async throws in
      let collection = try await server.collection()
      for number in 0..<20 {
        let body = "{\"ids\":[\"\(number)\"],\"embeddings\":[[\(number),1]]}"
        #expect(try await server.send(.post, collection + "/add", body).status == 201)
      }
      #expect(try await server.send(.get, collection + "/count").text == "20")
      #expect(try await server.send(.get, "/nope").status == 404)
      #expect(try await server.send(.head, "/api/v2/heartbeat").status == 200)
      #expect(try await server.send(.get, "/api/v2/heartbeat").status == 200)
    }
  }

  @Test("A large answer comes whole, in parts")
  func largeAnswer() async throws {
    try await withServer(.live) { (server) async throws in
      let collection = try await server.collection()
      let count = 1500
      let ids = (0..<count).map { "\"record-\($0)\"" }.joined(separator: ",")
      let vector = "[" + Array(repeating: "0.123456", count: 32).joined(separator: ",") + "]"
      let vectors = Array(repeating: vector, count: count).joined(separator: ",")
      let added = try await server.send(.post, collection + "/add", "{\"ids\":[\(ids)],\"embeddings\":[\(vectors)]}")
      #expect(added.status == 201)
      let answer = try await server.send(.post, collection + "/get", #"{"include":["embeddings"]}"#)
      #expect(answer.headers[.contentLength] == nil, "not announced, so sent in parts")
      guard case .array(let rows)? = try answer.json["embeddings"] else {
        Issue.record("no embeddings")
        return
      }
      #expect(rows.count == count)
      #expect(rows.last == .array(Array(repeating: 0.123456, count: 32)))
      #expect(try await server.send(.get, collection + "/count").text == "\(count)")
    }
  }

  @Test("A body too long is answered, and the client has the answer although it sent everything")
  func tooLong() async throws {
    var configuration = ServerConfiguration(host: "127.0.0.1", port: 0)
    configuration.maxBodyBytes = 1000
    try await withServer(.live, configuration: configuration) { (server) async throws in
      let answer = try await server.send(
        .post, "/api/v2/tenants", bytes: ByteBuffer(repeating: 0x20, count: 5_000_000))
      #expect(answer.status == 413)
      #expect(answer.headers[.connection] == "close")
    }
  }
}
