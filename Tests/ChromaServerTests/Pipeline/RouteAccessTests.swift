import ChromaAccess
import ChromaModel
import ChromaTestSupport
import Foundation
import HTTPTypes
import Testing

@testable import ChromaServer

/// Every route as everybody, against the table in `docs/route-access.md`.
@Suite("Who may call which route")
struct RouteAccessTests {
  static let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/route-access.md")

  static let callers: [(name: String, token: String?)] = [
    ("anonymous", nil), ("wrong token", "wrong"), ("read", "token-of-read"), ("write", "token-of-write"),
    ("admin", "token-of-admin"),
  ]

  @Test("The table of route, caller and status is that of the documentation")
  func table() async throws {
    var lines = [Self.preamble]
    lines.append("| route | action | " + Self.callers.map(\.name).joined(separator: " | ") + " |")
    lines.append("| --- | --- |" + String(repeating: " --- |", count: Self.callers.count))
    for route in RouteTable.standard.routes {
      var cells: [String] = []
      for caller in Self.callers { cells.append(String(try await Self.status(of: route, token: caller.token))) }
      let action: String
      switch route.access {
      case .open: action = "open"
      case .recognized: action = "–"
      case .action(let needed): action = "`\(needed.rawValue)`"
      }
      lines.append(
        "| `\(route.method?.rawValue ?? "any") \(route.pattern)` | \(action) | \(cells.joined(separator: " | ")) |")
    }
    let table = lines.joined(separator: "\n") + "\n"
    if ProcessInfo.processInfo.environment["CHROMA_RECORD"] != nil {
      try Data(table.utf8).write(to: Self.document)
    }
    let recorded = try String(contentsOf: Self.document, encoding: .utf8)
    #expect(table == recorded, "run the test with CHROMA_RECORD=1 and look at what has changed")
  }

  @Test("Whoever is not recognised gets nowhere but to open routes, and a reader changes nothing")
  func rules() async throws {
    for route in RouteTable.standard.routes {
      for token in [nil, "wrong"] {
        let status = try await Self.status(of: route, token: token)
        #expect((status == 403) == (route.access != .open), "\(route.pattern) \(token ?? "-"): \(status)")
      }
      guard case .action(let action) = route.access else { continue }
      let isReading = [
        Action.getTenant, .getDatabase, .listCollections, .countCollections, .getCollection, .getCollectionByCRN,
        .get, .query, .search, .count,
      ].contains(action)
      #expect((try await Self.status(of: route, token: "token-of-read") != 403) == isReading, "\(route.pattern)")
      #expect(try await Self.status(of: route, token: "token-of-admin") != 403, "\(route.pattern)")
    }
  }

  private static let preamble = """
    # Who may call which route

    Made by a test from the server's own route table: each route, called with a good request by everybody. 403 is a refusal; every other
    status is the route's own answer (501 and 404 stand for what Chroma's single-node server does not do either).
    `read`, `write` and `admin` are users with the built-in roles of those names. Where authentication is off, everybody is `admin`.

    """

  /// The status a caller gets from a server of its own that has a tenant, a database and a collection of one record.
  private static func status(of route: Route, token: String?) async throws -> Int {
    let api = MemoryDatabase()
    let path = DatabasePath(tenant: "acme", database: "main")
    try await api.createTenant("acme")
    try await api.createDatabase(path)
    let collection = try await api.createCollection(CreateCollectionRequest(name: "things"), in: path)
    try await api.add(
      RecordBatch(
        ids: ["a"], embeddings: EmbeddingBatch([[1, 2]]), documents: nil, uris: nil,
        metadatas: nil), to: collection.id, in: path)
    var configuration = ServerConfiguration(port: 0)
    configuration.access = try access()
    configuration.backups = MemoryBackups()
    configuration.memory = FixedMemory(.example)
    return try await statusOf(route, token, api, configuration, id: collection.id)
  }

  private static func statusOf(
    _ route: Route, _ token: String?, _ api: MemoryDatabase, _ configuration: ServerConfiguration, id: Identifier
  ) async throws -> Int {
    let (path, body) = request(route, id: id)
    return try await withServer(api: api, configuration: configuration) { (server) async throws in
      var headers: HTTPFields = [:]
      if let token { headers[.authorization] = "Bearer \(token)" }
      return try await server.send(route.method ?? .get, path, body, headers: headers).status
    }
  }

  static func access() throws -> AccessControl {
    let roles = ["read", "write", "admin"]
    let users: [JSONValue] = roles.map { role in
      ["id": .string(role), "role": .string(role), "tokens": [.string("token-of-\(role)")]]
    }
    let policy = try AccessPolicy(["users": .array(users)])
    return AccessControl(
      authenticator: Authenticator(policy: policy, tokens: try TokenTable(policy.tokenUsers)))
  }

  /// A good request to a route: the pattern filled in, and the body its last word asks for.
  private static func request(_ route: Route, id: Identifier) -> (path: String, body: String?) {
    var path = route.pattern.description
    let verb = path.split(separator: "/").last.map(String.init) ?? ""
    let isByName =
      verb == "{collection_id}" && (route.method == .get || route.method == .delete) && !path.contains("by-id")
    for (name, value) in [
      ("{tenant}", "acme"), ("{database}", "main"), ("{collection_id}", isByName ? "things" : "\(id)"),
      ("{name}", "things"), ("{crn}", "acme:main:things"), ("{function}", "f"), ("{path...}", "x"),
    ] { path = path.replacing(name, with: value) }
    if path.hasPrefix("/api/v1") { path += "?tenant=acme&database=main" }
    switch (route.method, verb) {
    case (.post?, "tenants"), (.post?, "databases"), (.post?, "collections"): return (path, #"{"name":"another"}"#)
    case (.patch?, _): return (path, #"{"resource_name":"r"}"#)
    case (.put?, _): return (path, #"{"new_name":"renamed"}"#)
    case (.post?, "add"), (.post?, "upsert"), (.post?, "update"):
      return (path, #"{"ids":["b"],"embeddings":[[1,2]]}"#)
    case (.post?, "query"): return (path, #"{"query_embeddings":[[1,2]]}"#)
    case (.post?, "delete"): return (path, #"{"ids":["a"]}"#)
    case (.post?, _): return (path, "{}")
    default: return (path, nil)
    }
  }
}
