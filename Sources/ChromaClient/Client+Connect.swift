import ChromaEngine
import ChromaModel
public import Logging

extension Client {
  /// The Chroma that the configuration names: a server, or the engine in this process.
  ///
  /// A server is not asked anything yet: one that is away, or does not know the token, is found out by the first call,
  /// so that an app can start before its database. The engine is opened, and holds its directory until ``shutdown()``.
  ///
  /// - Parameter configuration: `nil` reads the environment.
  /// - Throws: ``ClientConfigurationError``; ``ChromaError`` when the engine's directory cannot be opened:
  ///   `unavailable` while another process has it.
  public static func connect(
    _ configuration: ClientConfiguration? = nil, logger: Logger? = nil
  ) async throws -> Client {
    let configuration = try configuration ?? ClientConfiguration()
    let logger = logger ?? Logger(label: "chroma.client")
    switch configuration.place {
    case .server(let address):
      let api = HTTPAPI(
        address, token: configuration.token, tokenHeader: configuration.tokenHeader, retry: configuration.retry,
        timeouts: configuration.timeouts, maxAnswerBytes: configuration.maxAnswerBytes, logger: logger)
      return Client(api, path: configuration.path) { await api.shutdown() }
    case .inProcess(let directory):
      let engine = try await Engine.open(at: directory, logger: logger)
      return Client(engine, path: configuration.path) { await engine.close() }
    }
  }
}
