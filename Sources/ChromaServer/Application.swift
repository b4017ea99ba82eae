import ChromaModel
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The HTTP server in front of `api`, ready to run.
///
/// - Parameters:
///   - routes: the table the server answers from; the one for `configuration` unless a test brings its own.
///   - onServerRunning: called with the listening channel, whose address names the port in use.
package func makeApplication(
  api: any ChromaAPI, configuration: ServerConfiguration = ServerConfiguration(), routes: RouteTable? = nil,
  logger: Logger, onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
) -> some ApplicationProtocol {
  let maxBodyBytes = configuration.maxBodyBytes
  return Application(
    responder: ChromaResponder(
      api: api, configuration: configuration, routes: routes ?? .serving(configuration.classicClients), logger: logger),
    server: HTTPServerBuilder { respond in
      Connection(configuration) { (request, writer: consuming ResponseWriter, channel) in
        // curl waits a second for this before it sends a large body; a body we refuse is not asked for.
        if let expectation = request.headers[.expect], expectation.lowercased() == "100-continue",
          Int(request.headers[.contentLength] ?? "0").map({ $0 <= maxBodyBytes }) ?? false
        {
          try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        }
        try await respond(request, writer, channel)
      }
    },
    configuration: ApplicationConfiguration(
      address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
    onServerRunning: onServerRunning,
    logger: logger)
}
