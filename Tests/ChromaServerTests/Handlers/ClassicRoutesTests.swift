import ChromaAccess
import ChromaModel
import ChromaTestSupport
import HTTPTypes
import Testing

@testable import ChromaServer

@Suite("API v1, and old clients on API v2")
struct ClassicRoutesTests {
  private static let collections = "/api/v1/collections"

  private func newCollection(
    _ server: TestServer, _ name: String = "test", query: String = ""
  ) async throws -> String {
    let answer = try await server.send(.post, Self.collections + query, "{\"name\":\"\(name)\"}")
    guard case .string(let id)? = try answer.json["id"] else {
      Issue.record("no collection: \(answer.text)")
      return ""
    }
    return "\(Self.collections)/\(id)"
  }

  @Test("System routes answer as on API v2")
  func system() async throws {
    try await withServer { (server) async throws in
      for path in ["/api/v1", "/api/v1/", "/api/v1/heartbeat", "/api/v1/heartbeat/"] {
        #expect(try await server.send(.get, path).text == #"{"nanosecond heartbeat":1795205517202842712}"#)
      }
      #expect(try await server.send(.get, "/api/v1/version").text == #""1.0.0""#)
      #expect(try await server.send(.get, "/api/v1/pre-flight-checks").json == ["max_batch_size": 5461])
      #expect(try await server.send(.post, "/api/v1/reset").text == "true")
    }
    try await withServer(api: MemoryDatabase(allowsReset: false)) { (server) async throws in
      #expect(try await server.send(.post, "/api/v1/reset").error().hasPrefix("[400] InvalidArgumentError: Resetting"))
    }
  }

  @Test("Tenants and databases are created and found, the tenant in the query")
  func tenants() async throws {
    try await withServer { (server) async throws in
      #expect(try await server.send(.post, "/api/v1/tenants", #"{"name":"acme"}"#).text == "null")
      #expect(try await server.send(.get, "/api/v1/tenants/acme").json == ["name": "acme"])
      #expect(try await server.send(.post, "/api/v1/databases?tenant=acme", #"{"name":"shop"}"#).text == "null")
      let shop = try await server.send(.get, "/api/v1/databases/shop?tenant=acme").json
      #expect(shop["name"] == "shop" && shop["tenant"] == "acme" && shop["id"] != nil)
      #expect(try await server.send(.get, "/api/v1/databases/default_database").json["tenant"] == "default_tenant")
      #expect(
        try await server.send(.get, "/api/v1/databases/shop").error()
          == "[404] NotFoundError: Database shop not found for tenant default_tenant. Are you sure it exists?")
      #expect(
        try await server.send(.get, "/api/v1/tenants/nobody").error() == "[404] NotFoundError: Tenant nobody not found")
      #expect(
        try await server.send(.post, "/api/v1/databases?tenant=acme", #"{"name":"shop"}"#).error()
          == "[409] UniqueConstraintError: Database shop already exists for tenant acme")
    }
  }

  @Test("Collections are created, listed, counted, found by name, changed by id and deleted by name")
  func collections() async throws {
    try await withServer { (server) async throws in
      _ = try await server.send(.post, "/api/v1/databases", #"{"name":"shop"}"#)
      let created = try await server.send(
        .post, Self.collections + "?database=shop",
        #"{"name":"abc","metadata":{"hnsw:space":"ip"},"configuration":null,"get_or_create":false}"#)
      #expect(created.status == 200)
      let info = try created.json
      #expect(info["configuration_json"]?["hnsw_configuration"]?["space"] == "ip")
      #expect(info["schema"] == nil && info["database"] == "shop" && info["dimension"] == .null)
      let there = Self.collections + "/abc?tenant=default_tenant&database=shop&type=x"
      #expect(try await server.send(.get, there).json == info)
      #expect(try await server.send(.get, Self.collections + "?database=shop&limit=5&offset=0").json == [info])
      #expect(try await server.send(.get, Self.collections).json == [])
      #expect(try await server.send(.get, "/api/v1/count_collections?database=shop").text == "1")
      #expect(try await server.send(.get, "/api/v1/count_collections").text == "0")
      guard case .string(let id)? = info["id"] else { return }
      let update = #"{"new_name":"abd","new_metadata":{"k":1}}"#
      #expect(try await server.send(.put, "\(Self.collections)/\(id)", update).text == "null")
      #expect(
        try await server.send(.get, Self.collections + "/abd?database=shop").json["metadata"] == ["k": 1])
      #expect(
        try await server.send(.get, there).error() == "[400] InvalidCollection: Collection abc does not exist.")
      #expect(try await server.send(.delete, Self.collections + "/abd?database=shop").text == "null")
      #expect(
        try await server.send(.delete, Self.collections + "/abd?database=shop").error()
          == "[400] InvalidArgumentError: Collection abd does not exist.")
      #expect(
        try await server.send(.put, "\(Self.collections)/\(id)", update).error()
          == "[400] InvalidCollection: Collection \(id) does not exist.")
    }
  }

  @Test("A list for python-requests has no members that clients before 0.5.1 do not know")
  func earliestList() async throws {
    try await withServer { (server) async throws in
      _ = try await newCollection(server)
      let answer = try await server.send(.get, Self.collections, headers: [.userAgent: "python-requests/2.31.0"])
      guard case .array(let list) = try answer.json, case .object(let members)? = list.first else {
        Issue.record("no list: \(answer.text)")
        return
      }
      #expect(Set(members.keys) == ["id", "name", "metadata", "tenant", "database"])
    }
  }

  @Test("Records are written, read and deleted by the collection's id alone, wherever it is")
  func records() async throws {
    try await withServer { (server) async throws in
      _ = try await server.send(.post, "/api/v1/tenants", #"{"name":"acme"}"#)
      _ = try await server.send(.post, "/api/v1/databases?tenant=acme", #"{"name":"shop"}"#)
      let path = try await newCollection(server, query: "?tenant=acme&database=shop")
      func post(_ verb: String, _ body: String) async throws -> Answer {
        try await server.send(.post, "\(path)/\(verb)", body)
      }
      let added = try await post(
        "add",
        #"{"ids":["a","b"],"embeddings":[[1,0],[0,1]],"documents":["x","y"],"metadatas":[{"k":1},null],"uris":null}"#)
      #expect(added.status == 201 && added.text == "true")
      #expect(try await post("update", #"{"ids":["a"],"documents":["xx"]}"#).text == "null")
      #expect(try await post("upsert", #"{"ids":["c"],"embeddings":[[1,1]]}"#).text == "null")
      #expect(try await server.send(.get, path + "/count").text == "3")
      #expect(
        try await post("get", #"{"ids":["a"],"sort":null,"page":1}"#).text
          == #"{"ids":["a"],"embeddings":null,"documents":["xx"],"uris":null,"metadatas":[{"k":1}],"#
          + #""data":null,"included":["documents","metadatas"]}"#)
      let all = try await post(
        "get", #"{"where":{},"where_document":{},"limit":0,"include":["embeddings","data","uris"]}"#
      ).json
      #expect(all["ids"] == ["a", "b", "c"])
      #expect(all["included"] == ["embeddings", "uris"] && all["data"] == .null && all["include"] == nil)
      let found = try await post("query", #"{"query_embeddings":[[1,0]],"where":{},"where_document":{}}"#).json
      #expect(found["ids"] == [["a", "c", "b"]])
      #expect(found["included"] == ["documents", "metadatas", "distances"] && found["data"] == .null)
      #expect(try await post("delete", #"{"ids":["a","nobody"]}"#).text == "null")
      #expect(try await post("delete", #"{"where":{"k":77}}"#).text == "null")
      #expect(try await server.send(.get, path + "/count").text == "2")
    }
  }

  @Test(
    "To delete nothing in particular is an error",
    arguments: [#"{}"#, #"{"ids":[]}"#, #"{"ids":null,"where":{},"where_document":{}}"#])
  func deleteNothing(body: String) async throws {
    try await withServer { (server) async throws in
      let path = try await newCollection(server)
      let answer = try await server.send(.post, path + "/delete", body)
      #expect(try answer.error().hasPrefix("[400] InvalidArgumentError: You must provide either ids, where"))
      let modern = try await server.collection("modern")
      #expect(try await server.send(.post, modern + "/delete", "{}").json == ["deleted": 0])
    }
  }

  @Test("What is wrong is said in the words of old servers")
  func errors() async throws {
    try await withServer { (server) async throws in
      let path = try await newCollection(server)
      _ = try await server.send(.post, path + "/add", #"{"ids":["a"],"embeddings":[[1,2]]}"#)
      for (verb, body) in [
        ("add", #"{"ids":["b"],"embeddings":[[1,2,3]]}"#), ("upsert", #"{"ids":["b"],"embeddings":[[1,2,3]]}"#),
        ("update", #"{"ids":["a"],"embeddings":[[1,2,3]]}"#), ("query", #"{"query_embeddings":[[1,2,3]]}"#),
      ] {
        #expect(
          try await server.send(.post, "\(path)/\(verb)", body).error()
            == "[400] InvalidDimension: Embedding dimension 3 does not match collection dimensionality 2", "\(verb)")
      }
      for verb in ["add", "update", "upsert", "get", "delete", "query"] {
        #expect(
          try await server.send(.post, "\(Self.collections)/bad/\(verb)", "{}").error()
            == "[400] InvalidUUID: Could not parse bad as a UUID", "\(verb)")
        #expect(
          try await server.send(.post, "\(Self.collections)/\(Identifier.zero)/\(verb)", "{}").error()
            == "[400] InvalidCollection: Collection \(Identifier.zero) does not exist.", "\(verb)")
      }
      #expect(
        try await server.send(.post, Self.collections, #"{"name":"test"}"#).error()
          == "[409] UniqueConstraintError: Collection test already exists")
      #expect(
        try await server.send(.post, Self.collections + "?database=nope", #"{"name":"test"}"#).error()
          == "[404] NotFoundError: Database nope not found for tenant default_tenant. Are you sure it exists?")
      #expect(try await server.send(.post, Self.collections, "{}").status == 422)
      #expect(try await server.send(.post, Self.collections, #"{"name":"x"}"#).error().hasPrefix("[400] Invalid"))
    }
  }

  @Test("Unknown routes and methods are answered as old servers did")
  func unknown() async throws {
    try await withServer { (server) async throws in
      for path in ["/api/v1/nope", "/api/v1/raw_sql", "/api/v1/collections/x/create_index", "/api/v1/auth/identity"] {
        let answer = try await server.send(.get, path)
        #expect(answer.status == 404 && answer.text == #"{"detail":"Not Found"}"#, "\(path)")
      }
      let wrong = try await server.send(.patch, Self.collections, "{}")
      #expect(wrong.status == 405 && wrong.text == #"{"detail":"Method Not Allowed"}"#)
      #expect(wrong.headers[.allow] == "GET, POST, HEAD")
    }
  }

  @Test("Where old clients are turned away, API v1 is gone, whatever the method")
  func gone() async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.classicClients = .off
    try await withServer(configuration: configuration) { (server) async throws in
      for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete, .options] {
        let answer = try await server.send(method, "/api/v1/collections/x/get", method == .get ? nil : "{}")
        #expect(try answer.error() == "[410] Unimplemented: The v1 API is deprecated. Please use /v2 apis")
      }
      #expect(try await !server.send(.get, "/docs").text.contains("count_collections"))
    }
  }

  @Test("A route of API v1 asks for what its twin of API v2 asks for")
  func access() throws {
    let twins: [(HTTPRequest.Method, String, String)] = [
      (.get, "/api/v1", "/api/v2"), (.get, "/api/v1/heartbeat", "/api/v2/heartbeat"),
      (.get, "/api/v1/version", "/api/v2/version"), (.get, "/api/v1/pre-flight-checks", "/api/v2/pre-flight-checks"),
      (.post, "/api/v1/reset", "/api/v2/reset"), (.post, "/api/v1/tenants", "/api/v2/tenants"),
      (.get, "/api/v1/tenants/{tenant}", "/api/v2/tenants/{tenant}"),
      (.post, "/api/v1/databases", "/api/v2/tenants/{tenant}/databases"),
      (.get, "/api/v1/databases/{database}", RoutePattern.database),
      (.get, "/api/v1/collections", RoutePattern.collections), (.post, "/api/v1/collections", RoutePattern.collections),
      (.get, "/api/v1/count_collections", RoutePattern.database + "/collections_count"),
      (.get, "/api/v1/collections/{collection_id}", RoutePattern.collection),
      (.put, "/api/v1/collections/{collection_id}", RoutePattern.collection),
      (.delete, "/api/v1/collections/{collection_id}", RoutePattern.collection),
      (.post, "/api/v1/collections/{collection_id}/add", RoutePattern.collection + "/add"),
      (.post, "/api/v1/collections/{collection_id}/update", RoutePattern.collection + "/update"),
      (.post, "/api/v1/collections/{collection_id}/upsert", RoutePattern.collection + "/upsert"),
      (.post, "/api/v1/collections/{collection_id}/delete", RoutePattern.collection + "/delete"),
      (.post, "/api/v1/collections/{collection_id}/get", RoutePattern.collection + "/get"),
      (.post, "/api/v1/collections/{collection_id}/query", RoutePattern.collection + "/query"),
      (.get, "/api/v1/collections/{collection_id}/count", RoutePattern.collection + "/count"),
    ]
    func route(_ method: HTTPRequest.Method, _ pattern: String) throws -> Route {
      try #require(
        RouteTable.standard.routes.first { $0.method == method && $0.pattern.description == pattern },
        "\(method) \(pattern)")
    }
    for (method, old, new) in twins {
      let (first, second) = (try route(method, old), try route(method, new))
      #expect(first.access == second.access, "\(old)")
      #expect(first.isExemptFromLimits == second.isExemptFromLimits, "\(old)")
    }
    #expect(
      RouteTable.standard.routes.filter { $0.pattern.description.hasPrefix("/api/v1") }.count == twins.count)
  }

  @Test("The documents list API v1, with what goes into the query")
  func documents() async throws {
    try await withServer { (server) async throws in
      let paths = try await server.send(.get, "/openapi.json").json["paths"]
      let create: JSONValue? = paths?["/api/v1/collections"]?["post"]
      #expect(
        create?["parameters"]
          == [
            ["name": "tenant", "in": "query", "required": false, "schema": ["type": "string"]],
            ["name": "database", "in": "query", "required": false, "schema": ["type": "string"]],
          ])
      #expect(try await server.send(.get, "/docs").text.contains("/api/v1/count_collections"))
    }
  }

  // MARK: API v2

  @Test("Old clients on API v2 get their own shapes, others theirs of today")
  func currentAPI() async throws {
    let old = HTTPField.Name.userAgent
    try await withServer { (server) async throws in
      let path = try await server.collection()
      _ = try await server.send(.post, path + "/add", #"{"ids":["a"],"embeddings":[[1,2]]}"#)
      let list = TestServer.database + "/collections"
      for (agent, isClassic) in [("python-httpx/0.27.2", true), ("node", false), ("curl/8.5.0", false)] {
        let info = try await server.send(.get, list + "/test", headers: [old: agent]).json
        #expect((info["schema"] == nil) == isClassic, "\(agent)")
        #expect((info["configuration_json"]?["_type"] != nil) == isClassic, "\(agent)")
        let missing = try await server.send(.get, list + "/nope", headers: [old: agent])
        #expect(missing.status == (isClassic ? 400 : 404), "\(agent)")
        let tenant = try await server.send(.get, "/api/v2/tenants/default_tenant", headers: [old: agent])
        #expect((try tenant.json["resource_name"] == nil) == isClassic, "\(agent)")
      }
      // The harness gives a body its content type, which old clients never send.
      let modern = try await server.send(.post, path + "/get", "{}", headers: [old: "python-httpx/0.27.2"]).json
      #expect(modern["include"] != nil && modern["included"] == nil)
    }
    var configuration = ServerConfiguration(port: 0)
    configuration.classicClients = .force
    try await withServer(configuration: configuration) { (server) async throws in
      let path = try await server.collection()
      let answer = try await server.send(.post, path + "/get", "{}").json
      #expect(answer["included"] != nil && answer["include"] == nil)
      #expect(try await server.send(.delete, TestServer.database + "/collections/test").text == "null")
    }
  }

  // MARK: Access

  /// Recognises everybody who shows a token as one user.
  private struct OneUser: Authenticating {
    let identity: Identity
    let challenges = ["Bearer"]

    func identify(_ credentials: PresentedCredentials) async throws(AuthenticationFailure) -> Identity {
      guard credentials.authorization == "Bearer token" else { throw .forbidden }
      return identity
    }
  }

  private static func configuration(
    _ identity: Identity = Identity(userID: "u", tenant: "acme", databases: ["shop"]), derives: Bool = true
  ) -> ServerConfiguration {
    var configuration = ServerConfiguration(port: 0)
    configuration.access = AccessControl(authenticator: OneUser(identity: identity))
    configuration.derivesPlaceFromIdentity = derives
    return configuration
  }

  private static func shop() async throws -> MemoryDatabase {
    let api = MemoryDatabase()
    try await api.createTenant("acme")
    try await api.createDatabase(DatabasePath(tenant: "acme", database: "shop"))
    return api
  }

  @Test("A refusal makes each generation of clients raise its own error")
  func refusals() async throws {
    try await withServer(configuration: Self.configuration()) { (server) async throws in
      for (path, agent, name) in [
        ("/api/v1/tenants/acme", "python-requests/2.31.0", "AuthorizationError"),
        ("/api/v1/tenants/acme", "python-httpx/0.27.2", "AuthorizationError"),
        ("/api/v2/tenants/acme", "python-httpx/0.27.2", "AuthError"),
        ("/api/v2/tenants/acme", "Chroma Python Client v1.5.9", "AuthError"),
      ] {
        let answer = try await server.send(.get, path, headers: [.userAgent: agent])
        #expect(
          answer.status == 403
            && answer.text == "{\"detail\":\"Forbidden\",\"error\":\"\(name)\",\"message\":\"Forbidden\"}")
        #expect(answer.headers[values: .wwwAuthenticate] == ["Bearer"])
      }
      for path in ["/api/v1", "/api/v1/heartbeat", "/api/v1/version", "/api/v1/pre-flight-checks"] {
        #expect(try await server.send(.get, path).status == 200, "\(path)")
      }
    }
  }

  @Test("A user of one tenant and one database reaches them by the default names, on API v1 only")
  func singleton() async throws {
    let token: HTTPFields = [.authorization: "Bearer token"]
    let api = try await Self.shop()
    try await withServer(api: api, configuration: Self.configuration()) { (server) async throws in
      #expect(
        try await server.send(.get, "/api/v1/tenants/default_tenant", headers: token).json == ["name": "acme"])
      let database = try await server.send(
        .get, "/api/v1/databases/default_database?tenant=default_tenant", headers: token
      ).json
      #expect(database["name"] == "shop" && database["tenant"] == "acme")
      let created = try await server.send(.post, Self.collections, #"{"name":"abc"}"#, headers: token).json
      #expect(created["tenant"] == "acme" && created["database"] == "shop")
      #expect(
        try await server.send(.get, "/api/v1/count_collections?tenant=acme&database=shop", headers: token).text == "1")
      guard case .string(let id)? = created["id"] else { return }
      #expect(try await server.send(.get, "\(Self.collections)/\(id)/count", headers: token).text == "0")
      #expect(
        try await server.send(.get, "/api/v1/count_collections?tenant=other", headers: token).status == 403,
        "a name that is given stands")
      #expect(try await server.send(.get, "/api/v2/tenants/default_tenant", headers: token).status == 403)
    }
  }

  @Test("Where that is not configured, or the user has several, the default names mean themselves")
  func noSingleton() async throws {
    let token: HTTPFields = [.authorization: "Bearer token"]
    let path = "/api/v1/count_collections"
    try await withServer(configuration: Self.configuration(derives: false)) { (server) async throws in
      #expect(try await server.send(.get, path, headers: token).status == 403)
    }
    for identity in [Identity(userID: "u"), Identity(userID: "u", databases: ["default_database", "shop"])] {
      try await withServer(configuration: Self.configuration(identity)) { (server) async throws in
        let created = try await server.send(.post, Self.collections, #"{"name":"abc"}"#, headers: token).json
        #expect(created["tenant"] == "default_tenant" && created["database"] == "default_database")
      }
    }
  }
}
