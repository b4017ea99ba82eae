import ChromaEngine
import ChromaModel
import Logging

/// Opens the data directory with what the settings say of the engine.
func openEngine(at path: String, settings: Settings, logger: Logger) async throws(ChromaError) -> Engine {
  var configuration = EngineConfiguration()
  configuration.allowsReset = settings.allowReset
  configuration.maxOpenCollections = EngineConfiguration.openCollections(withDescriptors: openFileLimit())
  return try await Engine.open(at: path, configuration: configuration, logger: logger)
}
