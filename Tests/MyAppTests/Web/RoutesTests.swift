import ChromaClient
import ChromaTestSupport
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import myapp

@Suite("The web service", .enabled(if: TestModel.isThere, TestModel.reason))
struct RoutesTests {
  private func run(
    token: String? = nil, isOnPlatform: Bool = false, limits: IngestLimits = IngestLimits(),
    _ body: @escaping @Sendable (any TestClientProtocol, TestLibrary) async throws -> Void
  ) async throws {
    try await TestLibrary.run { (test) async throws in
      var settings = try #require(TestLibrary.settings)
      settings.adminToken = token
      settings.isOnPlatform = isOnPlatform
      settings.limits = limits
      let service = try Service(
        settings: settings, librarian: test.librarian, place: .init(kind: "in process", address: "here"),
        files: StaticFiles(directory: settings.home + "/web"), logger: TestLibrary.quiet,
        ingestGate: TurnGate(concurrent: 2, waiting: 8))
      let application = Application(router: makeRouter(service), logger: TestLibrary.quiet)
      try await application.test(.router) { client in try await body(client, test) }
    }
  }

  private func json(_ response: TestResponse) throws -> JSONValue {
    try JSONValue(parsing: Array(response.body.readableBytesView))
  }

  /// Data of an event stream by event, in order.
  private func events(_ response: TestResponse) throws -> [(name: String, data: JSONValue)] {
    try String(buffer: response.body).components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { event in
      let lines = event.split(separator: "\n")
      return (
        String(lines[0].dropFirst("event: ".count)), try JSONValue(parsing: String(lines[1].dropFirst("data: ".count)))
      )
    }
  }

  @Test("A file goes in with progress, is found, is read in full and goes again")
  func life() async throws {
    try await run { (client, _) async throws in
      let file = ByteBuffer(string: "# Kettle\n\nThe copper kettle whistles at dawn.")
      let uploaded = try await client.execute(
        uri: "/api/ingest?name=tea%2Fkettle.md&topic=tea+things", method: .post, body: file)
      let events = try events(uploaded)
      #expect(events.map(\.name).last == "result" && events.first?.name == "progress")
      #expect(events.last?.data["status"] == "added" && events.last?.data["passages"] == 1)
      let found = try json(
        try await client.execute(uri: "/api/search?q=noisy+pot+in+the+morning&mode=compare", method: .get))
      guard case .array(let dense)? = found["results"]?["dense"] else {
        Issue.record("no list")
        return
      }
      #expect(dense.first?["source"] == "tea/kettle.md" && dense.first?["topic"] == "tea things")
      let whole = try json(try await client.execute(uri: "/api/document?source=tea/kettle.md", method: .get))
      #expect(whole["text"] == "Kettle\n\nThe copper kettle whistles at dawn." && whole["title"] == "Kettle")
      let status = try json(try await client.execute(uri: "/api/status", method: .get))
      #expect(status["ready"] == true && status["passages"] == 1 && status["documents"] == 1)
      let removed = try await client.execute(uri: "/api/document?source=tea/kettle.md", method: .delete)
      #expect(try json(removed)["removed"] == 1)
      #expect(try await client.execute(uri: "/api/document?source=tea/kettle.md", method: .delete).status == .notFound)
    }
  }

  @Test("Every answer forbids what is not the service's own, pages and errors too")
  func headers() async throws {
    try await run { (client, _) async throws in
      for path in [
        "/", "/web/app.js", "/docs", "/api/status", "/api/search", "/nowhere", "/web/..%2fsecret", "/openapi.json",
      ] {
        let response = try await client.execute(uri: path, method: .get)
        #expect(response.headers[.contentSecurityPolicy] == SecurityHeaders.policy, "\(path)")
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
      }
      let page = try await client.execute(uri: "/", method: .get)
      let tag = try #require(page.headers[.eTag])
      let again = try await client.execute(uri: "/", method: .get, headers: [.ifNoneMatch: tag])
      #expect(again.status == .notModified)
    }
  }

  @Test("With a token, writes need it; on a platform without one they are off; reading is free")
  func writes() async throws {
    let body = ByteBuffer(string: "text")
    try await run(token: "right", isOnPlatform: true) { (client, _) async throws in
      for headers: HTTPFields in [[:], [.authorization: "Bearer wrong"], [.authorization: "Basic right"]] {
        let response = try await client.execute(
          uri: "/api/ingest?name=a.txt", method: .post, headers: headers, body: body)
        #expect(response.status == .unauthorized && response.headers[.wwwAuthenticate] != nil)
      }
      #expect(try await client.execute(uri: "/api/ingest/urls", method: .post, body: body).status == .unauthorized)
      #expect(try await client.execute(uri: "/api/document?source=a.txt", method: .delete).status == .unauthorized)
      let right: HTTPFields = [.authorization: "Bearer right"]
      #expect(
        try await client.execute(uri: "/api/ingest?name=a.txt", method: .post, headers: right, body: body).status == .ok
      )
      #expect(try await client.execute(uri: "/api/search?q=text", method: .get).status == .ok)
    }
    try await run(isOnPlatform: true) { (client, _) async throws in
      let response = try await client.execute(uri: "/api/ingest?name=a.txt", method: .post, body: body)
      #expect(response.status == .forbidden)
      #expect(String(buffer: response.body).contains("MYAPP_ADMIN_TOKEN"))
      #expect(try json(try await client.execute(uri: "/api/status", method: .get))["writes"]?["allowed"] == false)
    }
  }

  @Test(
    "Pages of other sites may not ask for work",
    arguments: ["/api/ingest?name=a.txt", "/api/ask", "/api/duplicates", "/api/classify"])
  func foreign(path: String) async throws {
    try await run { (client, _) async throws in
      let body = ByteBuffer(string: #"{"question":"x","text":"x"}"#)
      for headers: HTTPFields in [[.origin: "https://evil.example"], [.secFetchSite: "cross-site"], [.origin: "null"]] {
        #expect(try await client.execute(uri: path, method: .post, headers: headers, body: body).status == .forbidden)
      }
    }
  }

  @Test(
    "What cannot be understood is answered 400 with a sentence",
    arguments: [
      ("GET", "/api/search", ""), ("GET", "/api/search?q=x&limit=0", ""), ("GET", "/api/search?q=x&mode=magic", ""),
      ("GET", "/api/documents?limit=-1", ""), ("POST", "/api/ask", "{"), ("POST", "/api/ask", "{}"),
      ("POST", "/api/ask", #"{"question":7}"#), ("POST", "/api/ask", #"{"question":" "}"#),
      ("POST", "/api/recommend", "{}"),
      ("POST", "/api/classify", #"{"text":""}"#), ("POST", "/api/duplicates", #"{"threshold":2}"#),
      ("POST", "/api/ingest/urls", #"{"urls":[]}"#), ("POST", "/api/ingest?name=%0a", "x"),
      ("POST", "/api/ingest", "x"),
    ])
  func refusals(method: String, path: String, body: String) async throws {
    try await run { (client, _) async throws in
      let response = try await client.execute(
        uri: path, method: try #require(HTTPRequest.Method(method)), body: ByteBuffer(string: body))
      #expect(response.status == .badRequest)
      guard case .string(let message)? = try json(response)["error"]?["message"] else {
        Issue.record("no sentence")
        return
      }
      #expect(message.count > 8)
    }
  }

  @Test(
    "A name leads nowhere",
    arguments: [
      ("../../etc/evil.md", "etc/evil.md"), ("/abs/x.md", "abs/x.md"), (#"C:\tmp\w.md"#, "C:/tmp/w.md"),
      ("./a/../b.md", "a/b.md"),
    ])
  func names(given: String, known: String) throws { #expect(try IngestRoutes.fileName(given) == known) }

  @Test("Uploads are bounded in size, lists in number")
  func bounds() async throws {
    var limits = IngestLimits()
    limits.fileBytes = 100
    limits.count = 2
    try await run(limits: limits) { (client, _) async throws in
      let large = ByteBuffer(string: String(repeating: "x", count: 101))
      #expect(
        try await client.execute(uri: "/api/ingest?name=a.txt", method: .post, body: large).status == .contentTooLarge)
      let urls = ByteBuffer(string: #"{"urls":["http://a/","http://b/","http://c/"]}"#)
      #expect(try await client.execute(uri: "/api/ingest/urls", method: .post, body: urls).status == .contentTooLarge)
    }
  }

  @Test("An address of a private network gives a result that says so")
  func privateURL() async throws {
    try await run { (client, _) async throws in
      let body = ByteBuffer(string: #"{"urls":["http://127.0.0.1:1/secret","http://chroma.internal/"]}"#)
      let events = try events(try await client.execute(uri: "/api/ingest/urls", method: .post, body: body))
      let results = events.filter { $0.name == "result" }.map(\.data)
      #expect(results.count == 2 && results.allSatisfy { $0["status"] == "failed" })
      #expect(
        results.allSatisfy {
          if case .string(let reason)? = $0["reason"] { reason.contains("private network") } else { false }
        })
      #expect(events.last?.name == "done")
    }
  }

  @Test("A question is answered as a stream that ends with the whole answer")
  func ask() async throws {
    try await run { (client, test) async throws in
      try await test.add("owl.md", "Owls hunt mice at night. They fly without a sound.")
      let body = ByteBuffer(string: #"{"question":"When do owls hunt mice?"}"#)
      let events = try events(try await client.execute(uri: "/api/ask", method: .post, body: body))
      #expect(events.first?.name == "sources" && events.last?.name == "done")
      #expect(events.last?.data["refused"] == false && events.last?.data["citations"] == [1])
    }
  }

  @Test("While the database is away the service says so, and its page is there")
  func away() async throws {
    let client = try await Client.connect(
      ClientConfiguration(place: .server(ServerAddress(host: "127.0.0.1", port: 1))))
    let settings = try #require(TestLibrary.settings)
    let librarian = Librarian(
      client: client, embedder: try TestModel.embedder(), settings: settings,
      gate: TurnGate(concurrent: 1, waiting: 8), logger: TestLibrary.quiet)
    await librarian.check()
    let service = try Service(
      settings: settings, librarian: librarian, place: .init(kind: "server", address: "http://127.0.0.1:1"),
      files: StaticFiles(directory: settings.home + "/web"), logger: TestLibrary.quiet,
      ingestGate: TurnGate(concurrent: 2, waiting: 8))
    let application = Application(router: makeRouter(service), logger: TestLibrary.quiet)
    try await application.test(.router) { (browser) async throws in
      let health = try await browser.execute(uri: "/healthz", method: .get)
      #expect(health.status == .serviceUnavailable && String(buffer: health.body).contains("server unreachable"))
      #expect(try await browser.execute(uri: "/", method: .get).status == .ok)
      let status = try json(try await browser.execute(uri: "/api/status", method: .get))
      #expect(status["ready"] == false && status["reachable"] == false)
      let search = try await browser.execute(uri: "/api/search?q=x", method: .get)
      #expect(search.status == .serviceUnavailable && search.headers[.retryAfter] != nil)
    }
    await client.shutdown()
  }

  @Test("The description of the API names every route, and no other")
  func description() async throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: TestLibrary.root + "/myapp/web/openapi.json"))
    guard case .object(let paths)? = try JSONValue(parsing: Array(bytes))["paths"] else {
      Issue.record("no paths")
      return
    }
    let described = Set(
      paths.flatMap { path, item -> [String] in
        guard case .object(let methods) = item else { return [] }
        return methods.keys.map { "\($0.uppercased()) \(path)" }
      })
    try await TestLibrary.run { (test) async throws in
      let settings = try #require(TestLibrary.settings)
      let service = try Service(
        settings: settings, librarian: test.librarian, place: .init(kind: "server", address: ""),
        files: StaticFiles(directory: settings.home + "/web"), logger: TestLibrary.quiet,
        ingestGate: TurnGate(concurrent: 1, waiting: 1))
      let served = Set(makeRouter(service).routes.map { "\($0.method) \($0.path)" })
      #expect(served.subtracting(described) == ["GET /", "GET /docs", "GET /openapi.json", "GET /web/{name}"])
      #expect(described.subtracting(served).isEmpty)
    }
  }
}
