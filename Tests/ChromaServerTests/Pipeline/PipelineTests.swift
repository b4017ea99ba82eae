import ChromaModel
import ChromaTestSupport
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import ChromaServer

@Suite struct PipelineTests {
  private static let noTrace = String(repeating: "0", count: 32)

  @Test("Each error code of the model has its status and name on the wire", arguments: ChromaError.Code.all)
  func codes(code: ChromaError.Code) async throws {
    try await withServer { (server) async throws in
      let collection = try await server.collection()
      server.api.fail(with: ChromaError(code, "the message", cause: "a secret"))
      let answer = try await server.send(.get, collection + "/count")
      #expect(try answer.error() == "[\(code.httpStatus)] \(code.wireName): the message")
      #expect(!answer.text.contains("secret"))
      #expect(answer.headers[.init("chroma-trace-id")!] == Self.noTrace)
      #expect(answer.headers[.contentType] == "application/json")
      #expect((answer.headers[.retryAfter] != nil) == (code == .unavailable))
    }
  }

  @Test("An error of another kind is a 500 that says nothing of it")
  func otherErrors() async throws {
    struct Secret: Error {}
    let routes = RouteTable([Route(.get, "/boom", .open, "fails") { _ in throw Secret() }])
    let application = makeApplication(
      api: MemoryDatabase(), routes: routes, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await application.test(.router) { client in
      let response = try await client.executeRequest(uri: "/boom", method: .get, headers: [:], body: nil)
      #expect(response.status == .internalServerError)
      #expect(String(buffer: response.body) == #"{"error":"InternalError","message":"Internal server error"}"#)
    }
  }

  @Test("Unknown paths and wrong methods are answered in JSON, with the trace header")
  func unknown() async throws {
    try await withServer { (server) async throws in
      let missing = try await server.send(.get, "/nope")
      #expect(try missing.error() == "[404] NotFoundError: No such route")
      #expect(missing.headers[.init("chroma-trace-id")!] == Self.noTrace)
      let wrong = try await server.send(.delete, "/api/v2/tenants")
      #expect(try wrong.error() == "[405] ChromaError: Method not allowed")
      #expect(wrong.headers[.allow] == "POST")
      #expect(try await server.send(.get, "/api/v2/heartbeat").headers[.init("chroma-trace-id")!] == nil)
    }
  }

  @Test("A connection on which more is coming than anyone reads is closed, others are kept")
  func unreadBodies() async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.maxBodyBytes = 10
    try await withServer(configuration: configuration) { (server) async throws in
      let long = String(repeating: " ", count: 11)
      #expect(try await server.send(.post, "/nope", long).headers[.connection] == "close")
      #expect(try await server.send(.delete, "/api/v2/tenants", long).headers[.connection] == "close")
      #expect(try await server.send(.post, "/nope", "{}").headers[.connection] == nil)
      #expect(try await server.send(.get, "/nope").headers[.connection] == nil)
    }
  }

  @Test("HEAD answers as GET without the body")
  func head() async throws {
    try await withServer { (server) async throws in
      let answer = try await server.send(.head, "/api/v2/heartbeat")
      #expect(answer.status == 200)
      #expect(answer.text.isEmpty)
      #expect(answer.headers[.contentLength] == "44")
    }
  }

  @Test("A request's own id comes back, unless it could harm a log")
  func requestIDs() async throws {
    try await withServer { (server) async throws in
      let name = HTTPField.Name("x-request-id")!
      let own = try await server.send(.get, "/api/v2/heartbeat", headers: [name: "abc-1"])
      #expect(own.headers[name] == "abc-1")
      for bad in ["", "a b", String(repeating: "x", count: 129)] {
        let made = try await server.send(.get, "/api/v2/heartbeat", headers: [name: bad]).headers[name]
        #expect(made?.count == 16 && made != bad)
      }
    }
  }

  @Test(
    "Bodies are JSON by their content type, or have none",
    arguments: [
      ("application/json", true), ("application/json; charset=utf-8", true), ("Application/JSON", true),
      ("application/vnd.x+json", true), ("application/xml", false), ("text/json", false), ("", false),
      ("application/x-www-form-urlencoded", false),
    ])
  func contentType(type: String, isAccepted: Bool) async throws {
    try await withServer { (server) async throws in
      let answer = try await server.send(
        .post, "/api/v2/tenants", #"{"name":"abc"}"#, headers: [.contentType: type])
      #expect(answer.status == (isAccepted ? 200 : 415))
      if !isAccepted {
        #expect(try answer.error() == "[415] ChromaError: Expected request with `Content-Type: application/json`")
      }
    }
  }

  @Test("A missing content type counts as JSON")
  func noContentType() async throws {
    try await withServer { (server) async throws in
      let response = try await server.client.executeRequest(
        uri: "/api/v2/tenants", method: .post, headers: [:], body: ByteBuffer(string: #"{"name":"abc"}"#))
      #expect(response.status == .ok)
    }
  }

  @Test("A body of the largest size is let in, one byte more is refused")
  func bodyLimit() async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.maxBodyBytes = 100
    try await withServer(configuration: configuration) { (server) async throws in
      func body(_ size: Int) -> String {
        let start = #"{"name":"abc","x":""#
        return start + String(repeating: "y", count: size - start.utf8.count - 2) + "\"}"
      }
      #expect(try await server.send(.post, "/api/v2/tenants", body(100)).status == 200)
      let refused = try await server.send(.post, "/api/v2/tenants", body(101))
      #expect(
        try refused.error() == "[413] ChromaError: Failed to buffer the request body: length limit exceeded")
      #expect(refused.headers[.connection] == "close")
    }
  }

  @Test("Too many requests are turned away, health checks are not")
  func inFlight() async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.maxRequestsInFlight = 0
    try await withServer(configuration: configuration) { (server) async throws in
      let answer = try await server.send(.get, "/api/v2/pre-flight-checks")
      #expect(answer.status == 503)
      #expect(answer.headers[.retryAfter] == "1")
      for path in ["/api/v2/heartbeat", "/api/v2/healthcheck", "/api/v2/version"] {
        #expect(try await server.send(.get, path).status == 200)
      }
    }
  }

  @Test("Too many bytes of bodies are turned away, and what is done is given back")
  func bytesInFlight() async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.maxBodyBytesInFlight = 40
    try await withServer(configuration: configuration) { (server) async throws in
      for number in 0..<10 {
        #expect(try await server.send(.post, "/api/v2/tenants", "{\"name\":\"tenant\(number)\"}").status == 200)
      }
      let long = try await server.send(
        .post, "/api/v2/tenants", #"{"name":"a tenant with quite a long name indeed"}"#)
      #expect(long.status == 503)
    }
  }

  @Test("CORS headers are as configured")
  func cors() async throws {
    let origin: HTTPFields = [.origin: "http://a"]
    let preflight: HTTPFields = [.origin: "http://a", .accessControlRequestMethod: "POST"]
    try await withServer { (server) async throws in
      let answer = try await server.send(.get, "/api/v2/heartbeat", headers: origin)
      #expect(answer.headers[.accessControlAllowOrigin] == nil && answer.headers[.vary] == nil)
      #expect(try await server.send(.options, "/api/v2/heartbeat", headers: preflight).status == 405)
    }
    for (origins, expected) in [(["*"], "*"), (["http://b", "http://a"], "http://a"), (["http://b"], nil)] {
      var configuration = ServerConfiguration(port: 0)
      configuration.corsAllowOrigins = origins
      try await withServer(configuration: configuration) { (server) async throws in
        let answer = try await server.send(.get, "/api/v2/heartbeat", headers: origin)
        #expect(answer.headers[.accessControlAllowOrigin] == expected)
        #expect(
          answer.headers[.vary] == "origin, access-control-request-method, access-control-request-headers")
        let asked = try await server.send(.options, "/api/v2/tenants", headers: preflight)
        #expect(asked.status == 200 && asked.text.isEmpty)
        #expect(asked.headers[.accessControlAllowOrigin] == expected)
        #expect(
          asked.headers[.accessControlAllowMethods] == "*"
            && asked.headers[.accessControlAllowHeaders] == "*, authorization")
      }
    }
  }
}

@Suite struct RequestGateTests {
  @Test("What enters must leave before more may enter")
  func requests() throws {
    let gate = RequestGate(maxRequests: 2, maxBytes: 10)
    try gate.enter()
    try gate.enter()
    #expect(throws: ChromaError.self) { try gate.enter() }
    gate.leave()
    try gate.enter()
  }

  @Test("Bytes refused are not counted")
  func bytes() throws {
    let gate = RequestGate(maxRequests: 2, maxBytes: 10)
    try gate.reserve(6)
    #expect(throws: ChromaError.self) { try gate.reserve(5) }
    try gate.reserve(4)
    gate.release(10)
    try gate.reserve(10)
  }
}
