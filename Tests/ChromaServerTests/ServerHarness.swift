import ChromaModel
import ChromaServer
import ChromaTestSupport
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

/// A server on an empty in-memory database, without a socket unless asked for.
@discardableResult
func withServer<Value: Sendable>(
  _ setting: TestingSetup = .router, api: MemoryDatabase = MemoryDatabase(),
  configuration: ServerConfiguration = ServerConfiguration(port: 0),
  _ test: @Sendable (TestServer) async throws -> Value
) async throws -> Value {
  var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  logger.logLevel = .critical
  let application = makeApplication(api: api, configuration: configuration, logger: logger)
  return try await application.test(setting) { client in try await test(TestServer(client: client, api: api)) }
}

struct TestServer: Sendable {
  let client: any TestClientProtocol
  let api: MemoryDatabase

  static let database = "/api/v2/tenants/default_tenant/databases/default_database"

  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, headers: HTTPFields = [:]
  ) async throws -> Answer {
    try await send(method, path, bytes: body.map { ByteBuffer(string: $0) }, headers: headers)
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, bytes: ByteBuffer?, headers: HTTPFields = [:]
  ) async throws -> Answer {
    var headers = headers
    if bytes != nil, headers[.contentType] == nil { headers[.contentType] = "application/json" }
    let response = try await client.executeRequest(uri: path, method: method, headers: headers, body: bytes)
    return Answer(
      status: Int(response.status.code), headers: response.headers, text: String(buffer: response.body))
  }

  /// A new collection's path.
  func collection(_ name: String = "test", _ options: String = "") async throws -> String {
    let answer = try await send(.post, "\(Self.database)/collections", "{\"name\":\"\(name)\"\(options)}")
    guard case .string(let id)? = try answer.json["id"] else {
      Issue.record("no collection: \(answer.text)")
      return ""
    }
    return "\(Self.database)/collections/\(id)"
  }
}

struct Answer: Sendable {
  let status: Int
  let headers: HTTPFields
  let text: String

  var json: JSONValue { get throws { try JSONValue(parsing: text) } }

  /// `[status] error: message`
  func error() throws -> String {
    guard case .string(let name)? = try json["error"], case .string(let message)? = try json["message"] else {
      return "[\(status)] \(text)"
    }
    return "[\(status)] \(name): \(message)"
  }
}
