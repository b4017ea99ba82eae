import ChromaClient
import Documents
import Embeddings
import Foundation
import Logging

/// Keeps the way to the collection open: opens it when the database is there, fills it with the sample corpus once, and
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
  private let logger: Logger
  private var library: Library?
  private var problem: NotReady
  private(set) var seeding = Seeding()
  private var seedingTask: Task<Void, Never>?

  init(client: Client, embedder: Embedder, settings: MyAppSettings, logger: Logger) {
    self.client = client
    self.embedder = embedder
    self.settings = settings
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
        _ = try await library.collection.count()
        return
      }
      let collection = try await openCollection()
      let opened = Library(
        collection: collection, embedder: embedder.function, tokenizer: embedder.tokenizer, limits: settings.limits)
      library = opened
      logger.info("Library is open", metadata: ["collection": "\(collection.name)"])
      if settings.seeds, seedingTask == nil {
        seedingTask = Task { await self.seed(opened) }
      }
    } catch let error as ChromaError {
      lose(
        NotReady(message: error.message, isUnreachable: error.code == .unavailable || error.code == .deadlineExceeded))
    } catch let error as NotReady {
      lose(error)
    } catch {
      lose(NotReady(message: "\(error)", isUnreachable: true))
    }
  }

  private func lose(_ reason: NotReady) {
    if library != nil || problem != reason {
      logger.warning("Library is not open", metadata: ["reason": "\(reason.message)"])
    }
    // A collection that is gone is made and filled anew when the database answers.
    if !reason.isUnreachable {
      seedingTask?.cancel()
      seedingTask = nil
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
    return collection
  }

  private static let functionKey = "embedding_model"

  // MARK: The sample corpus

  private func seed(_ library: Library) async {
    do {
      let corpus = try Corpus(directory: settings.home + "/corpus")
      seeding = Seeding(isRunning: true, done: 0, total: corpus.files.count)
      for file in corpus.files {
        try Task.checkCancellation()
        let result = try await library.ingest(try corpus.read(file))
        if let reason = result.reason { logger.warning("Sample file passed over", metadata: ["reason": "\(reason)"]) }
        seeding.done += 1
      }
      seeding.isRunning = false
      logger.info("The sample corpus is in the library", metadata: ["files": "\(corpus.files.count)"])
    } catch {
      seeding.isRunning = false
      if error is CancellationError { return }
      seeding.problem = "\(error)"
      // Tried again when the library is opened the next time.
      seedingTask = nil
      self.library = nil
      problem = NotReady(message: "the sample corpus could not be stored: \(error)", isUnreachable: true)
      logger.error("The sample corpus is not in the library", metadata: ["error": "\(error)"])
    }
  }
}
