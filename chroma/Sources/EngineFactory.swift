import ChromaEngine
import ChromaModel
import Foundation
import Logging

/// Opens the data directory with what the settings say of the engine.
///
/// - Parameter whenHeld: gets a sentence about the process that has the directory, before waiting for it.
func openEngine(
  _ settings: Settings, logger: Logger, whenHeld: (@Sendable (String) -> Void)? = nil
) async throws(ChromaError) -> Engine {
  settings.vectorInstructions.limitProcess()
  logger.debug("distances", metadata: ["instructions": "\(VectorInstructions.inUse)"])
  var configuration = EngineConfiguration()
  configuration.allowsReset = settings.allowReset
  configuration.maxOpenCollections = EngineConfiguration.openCollections(withDescriptors: openFileLimit())
  configuration.memoryBudget = settings.engineMemory
  configuration.processMemoryBudget = settings.memoryBudget
  configuration.leaseWait = .seconds(settings.leaseWaitSeconds)
  configuration.whenDirectoryIsLost = {
    logger.critical(
      "The data directory is not this process's any more, its LOCK names another or is gone: stopping at once")
    // Without closing: what closing would tidy up belongs to the other one now.
    _exit(ExitStatus.directoryInUse)
  }
  return try await Engine.open(
    at: settings.dataDirectory, configuration: configuration, logger: logger, whenHeld: whenHeld)
}

extension Engine {
  /// Backups of everything, in this directory, with the hash of the token the server made for itself: what is restored
  /// asks for the same one.
  func backups(in directory: String) -> EngineBackups {
    EngineBackups(
      of: self, in: URL(fileURLWithPath: directory).path, version: Chroma.version, including: [OwnToken.fileName])
  }
}
