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
/// - Returns: the exit status; 0 for an orderly end.
func serve(_ settings: Settings, logger: Logger) async -> Int32 {
  var configuration = settings.server
  var material: TLSMaterial?
  do throws(SettingsError) {
    if let files = settings.tls {
      let loaded = try files.load()
      configuration.tls = try makeTLS(loaded)
      material = loaded
    }
    if let path = settings.auditLog {
      let log = try AuditLog(path: path)
      configuration.audit = { log.write($0) }
    }
    configuration.access = try await makeAccessControl(settings.access, logger: logger)
  } catch {
    logger.critical("Cannot start", metadata: ["error": "\(error.message)"])
    return error.exitStatus
  }
  raiseOpenFileLimit(logger: logger)
  FilesystemReport(path: settings.dataDirectory).log(settings.dataDirectory, to: logger)
  let opening = EngineOpening(settings, logger: logger)
  let obstacle = await opening.obstacle()
  if obstacle == nil, case .failure(let error) = await opening.result { return complain(error, settings, logger) }
  let ownToken = OwnToken(dataDirectory: settings.dataDirectory)
  if !settings.access.isOn, !settings.access.isDeclined, ownToken.exists {
    logger.critical(
      "Cannot start",
      metadata: [
        "error":
          "this data directory asks for a token since it was started with --auth auto: start it so again, or with --auth off"
      ])
    await opening.close()
    return 78
  }
  if settings.access.makesToken {
    if obstacle != nil, !ownToken.exists {
      // The one to hold the directory makes the token; without it nobody could be let in.
      if case .failure(let error) = await opening.result { return complain(error, settings, logger) }
    }
    do {
      configuration.access = try accessByOwnToken(settings)
    } catch {
      logger.critical("Cannot keep a token", metadata: ["error": "\(error)"])
      await opening.close()
      return 1
    }
  }
  let standby = obstacle.map { _ in StandbyAPI() }
  let api: any ChromaAPI
  if let standby {
    api = standby
    configuration.memory = standby
    configuration.backups = settings.backupDirectory.map { _ in standby }
  } else if case .success(let engine) = await opening.result {
    api = engine
    configuration.memory = engine
    configuration.backups = settings.backupDirectory.map { engine.backups(in: $0) }
  } else {
    return 1
  }
  reportProtection(settings, configuration, to: logger)
  var serverLogger = logger
  // Hummingbird's own line about listening would repeat ours.
  if logger.logLevel == .info { serverLogger.logLevel = .notice }
  let application = makeApplication(
    api: api, configuration: configuration, logger: serverLogger,
    onServerRunning: { channel in
      let port = channel.localAddress?.port ?? settings.server.port
      let address = url(host: settings.server.host, port: port, isSecure: settings.tls != nil)
      logger.info("Listening", metadata: ["url": "\(address)"])
    })
  // They are told to end from the last to the first.
  var services: [any Service] = [application, BackupEnd(opening: opening)]
  if let standby, let obstacle {
    logger.notice(
      "Waiting for the data directory",
      metadata: ["reason": "\(obstacle)", "seconds": "\(settings.leaseWaitSeconds)"])
    services.append(
      Standby(opening: opening, api: standby, backupDirectory: settings.backupDirectory, logger: logger))
  }
  var status: Int32 = 0
  let reloading = configuration.tls.flatMap { contexts in
    settings.tls.map { [material] files in
      Task { await reloadTLS(files, from: material, into: contexts, every: .seconds(2), logger: logger) }
    }
  }
  defer { reloading?.cancel() }
  do {
    try await runUntilSignal(services, logger: logger)
  } catch let error as ChromaError where standby != nil {
    status = complain(error, settings, logger)
  } catch {
    logger.critical(
      "Cannot serve",
      metadata: [
        "url": "\(url(host: settings.server.host, port: settings.server.port, isSecure: settings.tls != nil))",
        "error": "\(reason(error))",
      ])
    status = 1
  }
  await opening.close()
  logger.info("Stopped")
  return status
}

/// Ends the backup that is being made when the server shuts down: the server waits for the request that asked for it.
private struct BackupEnd: Service {
  let opening: EngineOpening

  func run() async throws {
    try await gracefulShutdown()
    if case .success(let engine) = await opening.result { engine.giveUpBackup() }
  }
}

extension EngineOpening {
  /// Waits no longer, and closes what was opened.
  fileprivate func close() async {
    cancel()
    if case .success(let engine) = await result { await engine.close() }
  }
}

/// - Returns: the exit status.
private func complain(_ error: ChromaError, _ settings: Settings, _ logger: Logger) -> Int32 {
  logger.critical(
    "Cannot open the data directory",
    metadata: ["path": "\(settings.dataDirectory)", "error": "\(reason(error))"])
  return error.code == .unavailable ? ExitStatus.directoryInUse : 1
}

enum ExitStatus {
  /// Another process has the data directory (`EX_TEMPFAIL` of sysexits.h): later it may be free.
  static let directoryInUse: Int32 = 75
}

private func makeTLS(_ material: TLSMaterial) throws(SettingsError) -> TLSContexts {
  do {
    return try TLSContexts(material)
  } catch {
    throw SettingsError(source: .environment, message: "TLS: \(error.reason)")
  }
}

/// What whoever starts the server should know of who may use it.
private func reportProtection(_ settings: Settings, _ configuration: ServerConfiguration, to logger: Logger) {
  if let access = configuration.access {
    let open = access.publicPatterns.sorted().joined(separator: " ")
    logger.info("Authentication is on", metadata: ["accepts": "\(access.schemes)", "public": "\(open)"])
  }
  if let warning = configuration.exposure {
    logger.warning("\(warning)", metadata: ["address": "\(settings.server.host)"])
  }
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
func url(host: String, port: Int, isSecure: Bool = false) -> String {
  let scheme = isSecure ? "https" : "http"
  return host.contains(":") ? "\(scheme)://[\(host)]:\(port)" : "\(scheme)://\(host):\(port)"
}
