import ChromaModel
import ChromaTestSupport
import HTTPTypes
import Testing

@testable import ChromaServer

@Suite struct SystemRoutesTests {
  @Test("System routes answer as Chroma's do")
  func answers() async throws {
    try await withServer { (server) async throws in
      for path in ["/api/v2", "/api/v2/heartbeat", "/api/v2/heartbeat/"] {
        #expect(try await server.send(.get, path).text == #"{"nanosecond heartbeat":1795205517202842712}"#)
      }
      #expect(try await server.send(.get, "/api/v2/version").text == #""1.0.0""#)
      #expect(
        try await server.send(.get, "/api/v2/healthcheck").json
          == ["is_executor_ready": true, "is_log_client_ready": true])
      #expect(
        try await server.send(.get, "/api/v2/pre-flight-checks").json
          == ["max_batch_size": 5461, "supports_base64_encoding": true])
      #expect(
        try await server.send(.get, "/api/v2/auth/identity").json
          == ["user_id": "", "tenant": "default_tenant", "databases": ["default_database"]])
      #expect(try await server.send(.post, "/api/v2/reset").text == "true")
    }
  }

  @Test("A database that is not ready is unhealthy")
  func unhealthy() async throws {
    try await withServer { (server) async throws in
      server.api.setReady(false)
      let answer = try await server.send(.get, "/api/v2/healthcheck")
      #expect(answer.status == 503)
      #expect(try answer.json == ["is_executor_ready": false, "is_log_client_ready": false])
    }
  }

  @Test("A reset that is not allowed is refused")
  func reset() async throws {
    try await withServer(api: MemoryDatabase(allowsReset: false)) { (server) async throws in
      #expect(
        try await server.send(.post, "/api/v2/reset").error() == "[403] ChromaError: Reset is disabled by config")
    }
  }

  @Test("Tenants and databases are created and found, with any name a path can carry")
  func tenants() async throws {
    try await withServer { (server) async throws in
      #expect(try await server.send(.post, "/api/v2/tenants", #"{"name":"a/b €"}"#).text == "{}")
      let path = "/api/v2/tenants/a%2Fb%20%E2%82%AC"
      #expect(try await server.send(.get, path).json == ["name": "a/b €", "resource_name": .null])
      #expect(try await server.send(.patch, path, #"{"resource_name":"r"}"#).text == "{}")
      #expect(try await server.send(.patch, path, "{}").status == 422)
      #expect(try await server.send(.post, "/api/v2/tenants", #"{"name":"a/b €"}"#).status == 409)
      #expect(try await server.send(.post, path + "/databases", #"{"name":"mine"}"#).text == "{}")
      #expect(try await server.send(.post, path + "/databases", #"{"name":"alpha"}"#).text == "{}")
      guard case .array(let databases) = try await server.send(.get, path + "/databases").json else { return }
      #expect(databases.map { $0["name"] } == ["alpha", "mine"])
      #expect(try await server.send(.get, path + "/databases?limit=1&offset=1").json == .array([databases[1]]))
      #expect(try await server.send(.get, path + "/databases?limit=x").status == 400)
      #expect(try await server.send(.get, path + "/databases/mine").json == databases[1])
      #expect(try await server.send(.delete, path + "/databases/mine").text == "{}")
      #expect(try await server.send(.get, path + "/databases/mine").status == 404)
      #expect(try await server.send(.get, "/api/v2/tenants/%ff").status == 400)
    }
  }

  @Test("The OpenAPI document has every route, the page lists them")
  func documentation() async throws {
    try await withServer { (server) async throws in
      let document = try await server.send(.get, "/openapi.json").json
      #expect(document["openapi"] == "3.1.0")
      for route in RouteTable.standard.routes {
        guard let method = route.method else { continue }
        #expect(
          document["paths"]?[route.pattern.description]?[method.rawValue.lowercased()] != nil, "\(route.pattern)")
      }
      let page = try await server.send(.get, "/docs")
      #expect(page.status == 200 && page.text.contains("/api/v2/heartbeat"))
      #expect(page.headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
      #expect(page.headers[.xContentTypeOptions] == "nosniff" && page.headers[.frameOptions] == "DENY")
    }
  }
}
