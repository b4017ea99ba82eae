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
    let result = await withGracefulShutdownHandler {
      await opening.result
    } onGracefulShutdown: {
      opening.cancel()
    }
    // Told to stop before there was anything to take over: an orderly end.
    if case .failure(let error) = result, error.code == .aborted { return }
    let taken = try result.get()
    api.adopt(taken, backups: backupDirectory.map { taken.backups(in: $0) }, memory: taken)
    logger.info("Took over the data directory")
    try? await gracefulShutdown()
  }
}
