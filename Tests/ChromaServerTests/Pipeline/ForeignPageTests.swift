import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import ChromaServer

@Suite("Pages of other origins")
struct ForeignPageTests {
  @Test(
    "may not write, whatever they leave out",
    arguments: [
      ("https://evil.example", false), ("null", false), ("http://localhost.evil.example", false),
      ("https://friend.example", true), ("http://localhost", true), ("https://LOCALHOST", true),
    ])
  func writes(origin: String, isAllowed: Bool) async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.corsAllowOrigins = ["https://friend.example"]
    try await withServer(configuration: configuration) { (server) async throws in
      let response = try await server.client.executeRequest(
        uri: "/api/v2/tenants", method: .post, headers: [.origin: origin], body: .init(string: #"{"name":"abc"}"#))
      #expect((response.status == .ok) == isAllowed, "\(response.status)")
      #expect(try await server.send(.get, "/api/v2/tenants/default_tenant", headers: [.origin: origin]).status == 200)
    }
  }

  @Test("Programs, which name no origin, write")
  func programs() async throws {
    try await withServer { (server) async throws in
      #expect(try await server.send(.post, "/api/v2/tenants", #"{"name":"abc"}"#).status == 200)
    }
  }
}
