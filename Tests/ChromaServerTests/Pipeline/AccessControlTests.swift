import ChromaAccess
import ChromaModel
import ChromaTestSupport
import HTTPTypes
import Synchronization
import Testing

@testable import ChromaServer

@Suite struct AccessControlTests {
  /// A policy of users by JSON, and their tokens.
  private func configuration(_ users: JSONValue, publicPatterns: Set<String>? = nil) throws -> ServerConfiguration {
    let policy = try AccessPolicy(["users": users])
    var configuration = ServerConfiguration(port: 0)
    configuration.access = AccessControl(
      authenticator: Authenticator(policy: policy, tokens: try TokenTable(policy.tokenUsers)),
      publicPatterns: publicPatterns)
    return configuration
  }

  private static let admin: JSONValue = ["id": "root", "role": "admin", "tokens": ["root-token"]]
  private static let root: HTTPFields = [.authorization: "Bearer root-token"]

  @Test("A refusal says the same whoever is refused, and only the unrecognised are challenged")
  func refusals() async throws {
    let reader: JSONValue = ["id": "ann", "role": "read", "tokens": ["ann-token"]]
    try await withServer(configuration: configuration([Self.admin, reader])) { (server) async throws in
      let missing = try await server.send(.get, "/api/v2/tenants/default_tenant")
      let wrong = try await server.send(
        .get, "/api/v2/tenants/default_tenant", headers: [.authorization: "Bearer nope"])
      let denied = try await server.send(.post, "/api/v2/reset", headers: [.authorization: "Bearer ann-token"])
      for answer in [missing, wrong, denied] {
        #expect(answer.status == 403)
        #expect(try answer.json == ["error": "AuthError", "message": "Forbidden", "detail": "Forbidden"])
      }
      #expect(missing.text == wrong.text)
      #expect(missing.headers[.wwwAuthenticate] == "Bearer realm=\"chroma\"")
      #expect(denied.headers[.wwwAuthenticate] == nil)
    }
  }

  @Test("Identity needs authentication only, and tells whom the token belongs to")
  func identity() async throws {
    let nobody: JSONValue = [
      "id": "eve", "role": "read", "tokens": ["eve-token"], "tenant": "acme", "databases": ["one", "two"],
    ]
    try await withServer(configuration: configuration([Self.admin, nobody])) { (server) async throws in
      let answer = try await server.send(
        .get, "/api/v2/auth/identity", headers: [.authorization: "Bearer eve-token"])
      #expect(try answer.json == ["user_id": "eve", "tenant": "acme", "databases": ["one", "two"]])
      #expect(try await server.send(.get, "/api/v2/auth/identity").status == 403)
    }
  }

  @Test("A user of one database works there and nowhere else, by every route that names a place")
  func scope() async throws {
    let ann: JSONValue = [
      "id": "ann", "role": "admin", "tokens": ["ann-token"], "tenant": "acme", "databases": ["one"],
    ]
    try await withServer(configuration: configuration([Self.admin, ann])) { (server) async throws in
      let hers: HTTPFields = [.authorization: "Bearer ann-token"]
      _ = try await server.send(.post, "/api/v2/tenants", #"{"name":"acme"}"#, headers: Self.root)
      for name in ["one", "two"] {
        _ = try await server.send(
          .post, "/api/v2/tenants/acme/databases", "{\"name\":\"\(name)\"}", headers: Self.root)
        _ = try await server.send(
          .post, "/api/v2/tenants/acme/databases/\(name)/collections", #"{"name":"things"}"#, headers: Self.root)
      }
      for (method, path, body, status) in [
        (HTTPRequest.Method.get, "/api/v2/tenants/acme", nil, 200), (.get, "/api/v2/tenants/default_tenant", nil, 403),
        (.get, "/api/v2/tenants/acme/databases/one", nil, 200), (.get, "/api/v2/tenants/acme/databases/two", nil, 403),
        (.get, "/api/v2/tenants/acme/databases", nil, 403), (.post, "/api/v2/tenants", #"{"name":"other"}"#, 403),
        (.post, "/api/v2/tenants/acme/databases", #"{"name":"more"}"#, 403), (.post, "/api/v2/reset", nil, 403),
        (.get, "/api/v2/tenants/acme/databases/one/collections", nil, 200),
        (.get, "/api/v2/tenants/acme/databases/two/collections", nil, 403),
        (.get, "/api/v2/tenants/acme/databases/one/collections/things", nil, 200),
        (.get, "/api/v2/tenants/acme/databases/two/collections/things", nil, 403),
        (.get, "/api/v2/collections/acme:one:things", nil, 200),
        (.get, "/api/v2/collections/acme:two:things", nil, 403), (.get, "/api/v2/collections/nonsense", nil, 400),
        (.get, "/api/v2/tenants/acme/databases/%6fne/collections", nil, 200),
        (.get, "/api/v2/tenants/acme/databases/two%2F..%2Fone/collections", nil, 403),
        (.delete, "/api/v2/tenants/acme/databases/two", nil, 403),
      ] as [(HTTPRequest.Method, String, String?, Int)] {
        let answer = try await server.send(method, path, body, headers: hers)
        #expect(answer.status == status, "\(method) \(path): \(answer.status) \(answer.text)")
      }
    }
  }

  @Test("Open routes can be closed")
  func closedRoutes() async throws {
    let configuration = try configuration([Self.admin], publicPatterns: ["/api/v2/heartbeat"])
    try await withServer(configuration: configuration) { (server) async throws in
      #expect(try await server.send(.get, "/api/v2/heartbeat").status == 200)
      #expect(try await server.send(.get, "/api/v2/version").status == 403)
      #expect(try await server.send(.get, "/api/v2/version", headers: Self.root).status == 200)
      #expect(try await server.send(.get, "/nope").status == 404)
    }
  }

  @Test("Without authentication everybody is let in, whatever they send")
  func off() async throws {
    try await withServer { (server) async throws in
      for headers in [[:], [.authorization: "Bearer x"], [.authorization: "nonsense"]] as [HTTPFields] {
        #expect(try await server.send(.get, "/api/v2/tenants/default_tenant", headers: headers).status == 200)
      }
    }
  }

  @Test("The audit log says who did what and what came of it, and holds no secret")
  func audit() async throws {
    let entries = Mutex<[AuditEntry]>([])
    let reader: JSONValue = ["id": "ann", "role": "read", "tokens": ["ann-token"]]
    var configuration = try configuration([Self.admin, reader])
    configuration.audit = { entry in entries.withLock { $0.append(entry) } }
    try await withServer(configuration: configuration) { (server) async throws in
      let hers: HTTPFields = [.authorization: "Bearer ann-token"]
      let collections = TestServer.database + "/collections"
      _ = try await server.send(.get, "/api/v2/heartbeat")
      _ = try await server.send(.post, collections, #"{"name":"things"}"#, headers: Self.root)
      _ = try await server.send(.get, collections + "/things", headers: hers)
      _ = try await server.send(.get, collections + "/nothing", headers: hers)
      _ = try await server.send(.delete, collections + "/things", headers: hers)
      _ = try await server.send(.get, collections, headers: [.authorization: "Bearer guessed-token"])
    }
    let seen = entries.withLock { $0 }
    #expect(seen.map(\.outcome) == [.done, .done, .failed, .denied, .unrecognized])
    #expect(seen.map(\.user) == ["root", "ann", "ann", "ann", nil])
    #expect(
      seen.map(\.action) == [.createCollection, .getCollection, .getCollection, .deleteCollection, .listCollections])
    #expect(seen.map(\.collection) == [nil, "things", "nothing", "things", nil])
    #expect(seen.map(\.name) == ["things", nil, nil, nil, nil])
    #expect(seen[0].place == Place(tenant: "default_tenant", database: "default_database"))
    #expect(seen.allSatisfy { !$0.json.text.contains("token") })
  }

  @Test("One user's flood is turned away, with the seconds to wait, and does not touch another's requests")
  func rate() async throws {
    let ann: JSONValue = ["id": "ann", "role": "read", "tokens": ["ann-token"]]
    var configuration = try configuration([Self.admin, ann])
    configuration.requestsPerSecond = 1
    try await withServer(configuration: configuration) { (server) async throws in
      let hers: HTTPFields = [.authorization: "Bearer ann-token"]
      var statuses: [Int] = []
      // On a machine so busy that requests are a second apart, none is too many.
      while statuses.count < 200, !statuses.contains(429) {
        let answer = try await server.send(.get, "/api/v2/tenants/default_tenant", headers: hers)
        statuses.append(answer.status)
        if answer.status == 429 { #expect(answer.headers[.retryAfter] == "1") }
      }
      #expect(statuses.first == 200)
      #expect(statuses.last == 429)
      #expect(try await server.send(.get, "/api/v2/tenants/default_tenant", headers: Self.root).status == 200)
      #expect(try await server.send(.get, "/api/v2/heartbeat", headers: hers).status == 200)
    }
  }
}
