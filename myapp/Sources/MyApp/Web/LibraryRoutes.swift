import HTTPTypes
import Hummingbird

struct LibraryRoutes: Sendable {
  let service: Service

  func add(to router: Router<BasicRequestContext>) {
    router.get("/api/documents") { request, _ in try await documents(request) }
    router.get("/api/document") { request, _ in try await document(request) }
    router.delete("/api/document") { request, _ in try await remove(request) }
  }

  private func documents(_ request: Request) async throws -> Response {
    let limit = try request.query.number("limit", in: 1...10_000, default: 100)
    let offset = try request.query.number("offset", in: 0...Int(Int32.max), default: 0)
    let library = try await service.library()
    let documents = try await library.documents(limit: limit, offset: offset)
    let total = try await library.census().documents
    return try JSONAnswer.response(Wire.Documents(total: total, documents: documents.map { Wire.Document($0) }))
  }

  private func document(_ request: Request) async throws -> Response {
    let source = try request.query.required("source")
    guard let (facts, passages) = try await service.library().document(source: source) else {
      throw WebError.notFound("There is no document \(source)")
    }
    // From offset 0, so that the passages' offsets are places in this text.
    var text = TextWindow(joining: passages)
    if text.start > 0 { text.text = String(repeating: "\n", count: text.start) + text.text }
    return try JSONAnswer.response(
      Wire.WholeDocument(
        source: facts.source, title: facts.title, kind: facts.kind, topic: facts.topic, url: facts.url,
        added: facts.added, text: text.text,
        passages: passages.map {
          .init(
            id: $0.id, ordinal: $0.ordinal, start: $0.start, end: $0.end, section: $0.section, page: $0.page)
        }))
  }

  private func remove(_ request: Request) async throws -> Response {
    try service.writeGuard.check(request)
    let source = try request.query.required("source")
    let library = try await service.library()
    let removed = try await service.ingestGate.run(source) { try await library.remove(source: source) }
    guard removed > 0 else { throw WebError.notFound("There is no document \(source)") }
    return try JSONAnswer.response(Wire.Removed(removed: removed))
  }
}
