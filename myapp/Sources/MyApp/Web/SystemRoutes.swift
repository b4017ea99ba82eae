import ChromaClient
import Embeddings
import HTTPTypes
import Hummingbird

/// The pages, and how the service does.
struct SystemRoutes: Sendable {
  let service: Service

  /// Seconds in which a database that is well has answered.
  static let patience = 3.0

  func add(to router: Router<BasicRequestContext>) {
    router.get("/") { request, _ in try service.files.response("index.html", for: request) }
    router.get("/docs") { request, _ in try service.files.response("docs.html", for: request) }
    router.get("/openapi.json") { request, _ in try service.files.response("openapi.json", for: request) }
    router.get("/web/:name") { request, context in
      try service.files.response(context.parameters.get("name") ?? "", for: request)
    }
    router.get("/healthz") { _, _ in try await health() }
    router.get("/api/status") { _, _ in try await status() }
  }

  private func health() async throws -> Response {
    do {
      let library = try await service.library()
      _ = try await Deadline.run(seconds: Self.patience) { try await library.collection.count() }
      return try JSONAnswer.response(Wire.Health(status: "ok"))
    } catch {
      guard let known = WebError(error) else { throw error }
      let status = known.code == "database_unreachable" ? "server unreachable" : "not ready"
      return try JSONAnswer.response(
        Wire.Health(status: status, reason: known.message), status: .serviceUnavailable)
    }
  }

  private func status() async throws -> Response {
    let seeding = await service.librarian.seeding
    let limits = service.settings.limits
    let function = service.librarian.embedder.function
    var status = Wire.Status(
      ready: false, collection: service.settings.collection, place: service.place, reachable: true,
      seeding: .init(
        running: seeding.isRunning, done: seeding.done, total: seeding.total, problem: seeding.problem),
      model: .init(name: function.name, dimension: function.dimension),
      chat: service.chat.map { .init(model: $0.settings.model) },
      writes: .init(
        allowed: service.writeGuard.obstacle == nil, tokenNeeded: service.writeGuard.isTokenNeeded,
        reason: service.writeGuard.obstacle),
      limits: .init(fileBytes: limits.fileBytes, files: limits.count, urls: limits.count))
    do {
      let library = try await service.library()
      let (passages, census) = try await Deadline.run(seconds: Self.patience) {
        (try await library.collection.count(), try await library.census())
      }
      status.passages = passages
      status.documents = census.documents
      status.topics = census.topics.map { .init(name: $0.name, passages: $0.passages) }
      status.ready = true
    } catch {
      guard let known = WebError(error) else { throw error }
      status.problem = known.message
      status.reachable = known.code != "database_unreachable"
    }
    return try JSONAnswer.response(status)
  }
}
