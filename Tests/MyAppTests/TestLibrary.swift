import ChromaClient
import ChromaTestSupport
import Embeddings
import Foundation
import Logging
import Testing

@testable import myapp

/// A library in a directory of its own, over the engine in this process and the real model.
struct TestLibrary {
  let librarian: Librarian
  let library: Library
  let client: Client

  static let settings = {
    var settings = try? MyAppSettings(environment: ["MYAPP_SEED": "false"], workingDirectory: TestLibrary.root)
    settings?.home = root + "/myapp"
    return settings
  }()

  /// The repository.
  static let root: String = {
    let here = URL(fileURLWithPath: #filePath)
    return here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  }()

  static var quiet: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
  }

  static func run<Value>(_ body: (TestLibrary) async throws -> Value) async throws -> Value {
    let directory = try TemporaryDirectory()
    let client = try await Client.connect(ClientConfiguration(place: .inProcess(directory: directory.path + "/data")))
    do {
      let librarian = Librarian(
        client: client, embedder: try TestModel.embedder(), settings: try #require(settings),
        gate: TurnGate(concurrent: 1, waiting: 8), logger: quiet)
      await librarian.check()
      let library = try await librarian.open()
      let value = try await body(TestLibrary(librarian: librarian, library: library, client: client))
      await client.shutdown()
      return value
    } catch {
      await client.shutdown()
      throw error
    }
  }

  @discardableResult
  func add(_ name: String, _ text: String, topic: String? = nil) async throws -> IngestResult {
    try await library.ingest(IncomingFile(source: name, topic: topic, bytes: Array(text.utf8)))
  }
}
