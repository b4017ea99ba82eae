import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import ChromaServer

@Suite("Which generation a request is answered for")
struct DialectTests {
  private func dialect(
    _ path: String, agent: String? = nil, contentType: String? = nil, _ setting: ClassicClients = .auto
  ) -> Dialect {
    var head = HTTPRequest(method: .post, scheme: nil, authority: nil, path: path)
    head.headerFields[.userAgent] = agent
    head.headerFields[.contentType] = contentType
    return Dialect(Request(head: head, body: RequestBody(buffer: ByteBuffer())), setting)
  }

  @Test(
    "On API v2, old Python clients are known by their HTTP library and by sending no content type",
    arguments: [
      ("python-httpx/0.27.2", nil, Dialect.classic), ("python-requests/2.31.0", nil, .classic),
      ("python-httpx/0.27.2", "application/json", .modern), ("python-requests/2.31.0", "application/json", .modern),
      ("Chroma Python Client v1.5.9 (https://github.com/chroma-core/chroma)", "application/json", .modern),
      ("Chroma Javascript Client v2.4.6 (https://github.com/chroma-core/chroma)", "application/json", .modern),
      ("node", nil, .modern), ("undici", nil, .modern), ("curl/8.5.0", nil, .modern),
      ("my-python-httpx/1", nil, .modern), (nil, nil, .modern), ("", nil, .modern),
    ] as [(String?, String?, Dialect)])
  func currentAPI(agent: String?, contentType: String?, expected: Dialect) {
    #expect(dialect("/api/v2/tenants", agent: agent, contentType: contentType) == expected)
  }

  @Test("API v1 is for old clients, whoever calls; those of python-requests may be older still")
  func firstAPI() {
    for path in ["/api/v1", "/api/v1/", "/api/v1/collections"] {
      for agent in [nil, "curl/8.5.0", "python-httpx/0.27.2", "node", "Chroma Python Client v1.5.9"] {
        #expect(dialect(path, agent: agent, contentType: "application/json") == .first)
      }
      #expect(dialect(path, agent: "python-requests/2.31.0") == .earliest)
    }
    #expect(dialect("/api/v10/collections") == .modern)
  }

  @Test("Old clients can be turned away, or expected always")
  func setting() {
    for path in ["/api/v1/collections", "/api/v2/tenants"] {
      #expect(dialect(path, agent: "python-httpx/0.27.2", .off) == .modern)
    }
    #expect(dialect("/api/v2/tenants", agent: "curl/8.5.0", contentType: "application/json", .force) == .classic)
    #expect(dialect("/api/v1/tenants", agent: "curl/8.5.0", .force) == .first)
  }

  @Test("All but the modern are classic")
  func isClassic() {
    #expect(!Dialect.modern.isClassic)
    #expect(Dialect.classic.isClassic && Dialect.first.isClassic && Dialect.earliest.isClassic)
  }
}
