import ChromaEngine
import ChromaModel
import ChromaServer
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Opens the data directory and serves it until a signal.
///
/// - Returns: whether it came to an orderly end.
func serve(_ settings: Settings, logger: Logger) async -> Bool {
  raiseOpenFileLimit(logger: logger)
  FilesystemReport(path: settings.dataDirectory).log(settings.dataDirectory, to: logger)
  let engine: Engine
  do {
    engine = try await openEngine(at: settings.dataDirectory, settings: settings, logger: logger)
  } catch {
    logger.critical(
      "Cannot open the data directory",
      metadata: ["path": "\(settings.dataDirectory)", "error": "\(reason(error))"])
    return false
  }
  var serverLogger = logger
  // Hummingbird's own line about listening would repeat ours.
  if logger.logLevel == .info { serverLogger.logLevel = .notice }
  let application = makeApplication(
    api: engine, configuration: settings.server, logger: serverLogger,
    onServerRunning: { channel in
      let port = channel.localAddress?.port ?? settings.server.port
      logger.info("Listening", metadata: ["url": "\(url(host: settings.server.host, port: port))"])
    })
  var succeeded = true
  do {
    try await runUntilSignal(application, logger: logger)
  } catch {
    logger.critical(
      "Cannot serve",
      metadata: ["url": "\(url(host: settings.server.host, port: settings.server.port))", "error": "\(reason(error))"])
    succeeded = false
  }
  await engine.close()
  logger.info("Stopped")
  return succeeded
}

/// The failure for whoever reads the log: with the cause that is kept from clients, without the code they get.
private func reason(_ error: any Error) -> String {
  switch error {
  case let error as ChromaError: error.cause ?? error.message
  case let error as IOError where error.errnoCode == EADDRINUSE:
    "another process listens there already; stop it, or choose another --port"
  case let error as IOError where error.errnoCode == EACCES:
    "this user may not listen there; ports below 1024 need root"
  default: "\(error)"
  }
}

/// `http://[::1]:8000`
func url(host: String, port: Int) -> String {
  host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
}
