import ChromaEngine
import ChromaModel
import Logging
import ServiceLifecycle

/// Puts the engine into place when the data directory becomes free, while the server answers that it waits.
///
/// Ends with the opening's error, which ends the server.
struct Standby: Service {
  let opening: EngineOpening
  let api: StandbyAPI
  let backupDirectory: String?
  let logger: Logger

  func run() async throws {
    let taken = try await withGracefulShutdownHandler {
      try await opening.result.get()
    } onGracefulShutdown: {
      opening.cancel()
    }
    api.adopt(taken, backups: backupDirectory.map { taken.backups(in: $0) })
    logger.info("Took over the data directory")
    try? await gracefulShutdown()
  }
}
