import ChromaModel
import ChromaTestSupport
import Logging

/// A database that is open, and how to close it.
struct OpenEngine: Sendable {
  let api: any ChromaAPI
  let close: @Sendable () async -> Void
}

/// TEMPORARY: keeps everything in memory until the engine is there.
func openEngine(at path: String, settings: Settings, logger: Logger) async throws -> OpenEngine {
  logger.warning("This build has no engine: nothing is stored", metadata: ["path": "\(path)"])
  return OpenEngine(api: MemoryDatabase(allowsReset: settings.allowReset), close: {})
}
