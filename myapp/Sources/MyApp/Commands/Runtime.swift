import ArgumentParser
import ChromaClient
import Embeddings
import Foundation
import Logging

/// What every command needs: settings, the way to the database, the model. Ended by ``shutdown()``.
struct Runtime: Sendable {
  var settings: MyAppSettings
  var client: Client
  var place: Wire.Status.Place
  var embedder: Embedder
  var logger: Logger

  /// - Parameter directory: of the database, where it runs in this process.
  /// - Throws: ``SettingsError``, `ClientConfigurationError`, ``EmbeddingError``: sentences for whoever started the program.
  static func open(
    directory: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) async throws -> Runtime {
    let settings = try MyAppSettings(
      environment: environment, workingDirectory: FileManager.default.currentDirectoryPath)
    var logger = Logger(label: "myapp") { _ in StreamLogHandler.standardError(label: "myapp") }
    logger.logLevel = environment["LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0.lowercased()) } ?? .info
    let read = Variables(environment)
    let own = read["CHROMA_PERSIST_PATH"] ?? read["PERSIST_DIRECTORY"] ?? settings.home + "/data"
    var configuration = try ClientConfiguration(directory: directory ?? own, environment: environment)
    // Somebody waits for every answer here; what is away is asked again soon by whoever asks.
    configuration.retry.maxAttempts = 2
    configuration.timeouts.request = .seconds(20)
    let embedder = try await Embedder.load(settings.remoteEmbedding)
    let client = try await Client.connect(configuration, logger: logger)
    return Runtime(
      settings: settings, client: client, place: Self.place(configuration), embedder: embedder, logger: logger)
  }

  private static func place(_ configuration: ClientConfiguration) -> Wire.Status.Place {
    switch configuration.place {
    case .server(let address): .init(kind: "server", address: address.description)
    case .inProcess(let directory): .init(kind: "in process", address: directory)
    }
  }

  func shutdown() async { await client.shutdown() }

  /// Runs `body` on the library as it is, without filling it, and shuts down.
  ///
  /// - Throws: `ExitCode` 1 after a sentence on standard error.
  func withLibrary<Value>(_ body: (Library) async throws -> Value) async throws -> Value {
    var settings = settings
    settings.seeds = false
    let librarian = Librarian(
      client: client, embedder: embedder, settings: settings, gate: TurnGate(concurrent: 1, waiting: 0), logger: logger)
    do {
      await librarian.check()
      let value = try await body(try await librarian.open())
      await shutdown()
      return value
    } catch {
      await shutdown()
      printError((error as? ChromaError)?.message ?? (error as? Librarian.NotReady)?.message ?? "\(error)")
      throw ExitCode(1)
    }
  }
}
