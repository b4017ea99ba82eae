import ChromaAccess
import ChromaClient
import ChromaEngine
import ChromaModel
import ChromaServer
import ChromaTestSupport
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

/// A logger that says nothing.
let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// An engine on a directory of its own.
func withEngine<Value: Sendable>(_ test: @Sendable (Engine) async throws -> Value) async throws -> Value {
  let directory = try TemporaryDirectory()
  let engine = try await Engine.open(at: directory.path, logger: silent)
  do {
    let value = try await test(engine)
    await engine.close()
    return value
  } catch {
    await engine.close()
    throw error
  }
}

/// Our server on a free port of the loopback, in front of `api`.
func withLiveServer<Value: Sendable>(
  _ api: any ChromaAPI, token: String? = nil, _ test: @Sendable (ServerAddress) async throws -> Value
) async throws -> Value {
  var configuration = ServerConfiguration(host: "127.0.0.1", port: 0)
  if let token {
    let policy = try AccessPolicy(["users": [["id": "root", "role": "admin", "tokens": [.string(token)]]]])
    configuration.access = AccessControl(
      authenticator: Authenticator(policy: policy, tokens: try TokenTable(policy.tokenUsers)))
  }
  let application = makeApplication(api: api, configuration: configuration, logger: silent)
  return try await application.test(.live) { client in
    try await test(ServerAddress(host: "127.0.0.1", port: try #require(client.port)))
  }
}

/// A client of our server over the engine, with embedded texts where a function is given.
func withServedClient<Value: Sendable>(_ test: @Sendable (Client) async throws -> Value) async throws -> Value {
  try await withEngine { engine in
    try await withLiveServer(engine) { address in
      let api = HTTPAPI(address, logger: silent)
      let client = Client(api) { await api.shutdown() }
      do {
        let value = try await test(client)
        await client.shutdown()
        return value
      } catch {
        await client.shutdown()
        throw error
      }
    }
  }
}
