import ChromaClient
import Documents
import Embeddings
import Foundation
import Logging

/// Keeps the way to the collection open: opens it when the database is there, fills a new one with the sample corpus, and
/// tells everybody else whether it can be used now.
///
/// The database may be away at the start, or go away, or come back empty; none of that ends the service.
actor Librarian {
  struct Seeding: Sendable, Hashable {
    var isRunning = false
    var done = 0
    var total = 0
    var problem: String?
  }

  /// Why the library cannot be used now.
  struct NotReady: Error, Sendable, Hashable {
    var message: String
    /// Nobody answers, rather than something that must be set right.
    var isUnreachable: Bool
  }

  nonisolated let client: Client
  nonisolated let embedder: Embedder
  private let settings: MyAppSettings
  private let gate: TurnGate
  private let logger: Logger
  private var library: Library?
  private var problem: NotReady
  private(set) var seeding = Seeding()
  private var seedingTask: Task<Void, Never>?

  /// - Parameter gate: that uploads go through, too.
  init(client: Client, embedder: Embedder, settings: MyAppSettings, gate: TurnGate, logger: Logger) {
    self.client = client
    self.embedder = embedder
    self.settings = settings
    self.gate = gate
    self.logger = logger
    problem = NotReady(message: "connecting to the database", isUnreachable: true)
  }

  /// - Throws: ``NotReady``.
  func open() async throws(NotReady) -> Library {
    guard let library else { throw problem }
    return library
  }

  /// Looks after the connection until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      await check()
      try? await Task.sleep(for: library == nil ? .milliseconds(500) : .seconds(2))
    }
    seedingTask?.cancel()
    await seedingTask?.value
  }

  /// One look: opens what is not open, and notices what has gone.
  func check() async {
    do {
      if let library {
        _ = try await Deadline.run(seconds: Self.patience) { try await library.collection.count() }
        return
      }
      let collection = try await openCollection()
      let opened = Library(
        collection: collection, embedder: embedder.function, tokenizer: embedder.tokenizer, limits: settings.limits)
      let isUnfilled = try await isUnfilled(collection)
      library = opened
      logger.info("Library is open", metadata: ["collection": "\(collection.name)"])
      if isUnfilled {
        seedingTask?.cancel()
        seedingTask = Task { await self.seed(opened) }
      }
    } catch let error as ChromaError {
      lose(
        NotReady(message: error.message, isUnreachable: error.code == .unavailable || error.code == .deadlineExceeded))
    } catch let error as NotReady {
      lose(error)
    } catch let error as Deadline.Passed {
      lose(NotReady(message: "the database has not answered for \(Int(error.seconds)) s", isUnreachable: true))
    } catch {
      lose(NotReady(message: "\(error)", isUnreachable: false))
    }
  }

  private static let patience = 5.0

  private func lose(_ reason: NotReady) {
    if library != nil || problem != reason {
      logger.warning("Library is not open", metadata: ["reason": "\(reason.message)"])
    }
    library = nil
    problem = reason
  }

  private func openCollection() async throws -> Collection {
    var configuration = ConfigurationRequest()
    configuration.space = .cosine
    let function = embedder.function.name
    let collection = try await client.getOrCreateCollection(
      settings.collection, metadata: [Self.functionKey: .string(function)], configuration: configuration,
      embeddingFunction: embedder.function)
    if let other = collection.metadata?.text(Self.functionKey), other != function {
      throw NotReady(
        message: "collection \(collection.name) holds vectors of \(other), this service makes those of \(function): "
          + "name another with MYAPP_COLLECTION", isUnreachable: false)
    }
    guard collection.info.schema.space == .cosine else {
      throw NotReady(
        message: "collection \(collection.name) measures by \(collection.info.schema.space.rawValue), this service by "
          + "cosine: name another with MYAPP_COLLECTION", isUnreachable: false)
    }
    if let dimension = collection.info.dimension, dimension != embedder.function.dimension {
      throw NotReady(
        message: "collection \(collection.name) holds vectors of \(dimension) numbers, \(function) makes "
          + "\(embedder.function.dimension): name another with MYAPP_COLLECTION", isUnreachable: false)
    }
    return collection
  }

  private static let functionKey = "embedding_model"
  /// In the collection's metadata: how far the sample corpus is. What was filled once stays as its users leave it.
  private static let corpusKey = "sample_corpus"

  private func isUnfilled(_ collection: Collection) async throws -> Bool {
    guard settings.seeds else { return false }
    switch collection.metadata?.text(Self.corpusKey) {
    case "filled": return false
    case "filling": return true
    default: return try await collection.count() == 0
    }
  }

  private func mark(_ collection: Collection, _ state: String) async throws {
    var metadata = (collection.metadata ?? [:]).mapValues { MetadataValue?.some($0) }
    metadata.updateValue(.string(state), forKey: Self.corpusKey)
    _ = try await collection.modify(metadata: metadata)
  }

  // MARK: The sample corpus

  /// Returns when the sample corpus is in, or has failed to be.
  func finishSeeding() async { await seedingTask?.value }

  private func seed(_ library: Library) async {
    do {
      let corpus = try Corpus(directory: settings.home + "/corpus")
      seeding = Seeding(isRunning: true, done: 0, total: corpus.files.count)
      try await mark(library.collection, "filling")
      for file in corpus.files {
        try Task.checkCancellation()
        let incoming = try corpus.read(file)
        let result = try await gate.run(file) { try await library.ingest(incoming) }
        if let reason = result.reason { logger.warning("Sample file passed over", metadata: ["reason": "\(reason)"]) }
        seeding.done += 1
      }
      try await mark(library.collection, "filled")
      seeding.isRunning = false
      logger.info("The sample corpus is in the library", metadata: ["files": "\(corpus.files.count)"])
    } catch is CancellationError {
      seeding.isRunning = false
    } catch {
      seeding.isRunning = false
      seeding.problem = (error as? ChromaError)?.message ?? "\(error)"
      logger.error("The sample corpus is not all in the library", metadata: ["error": "\(error)"])
      // What is there can be used; the rest is tried again when the library is opened anew.
      if let error = error as? ChromaError, error.code == .unavailable { self.library = nil }
    }
  }
}
