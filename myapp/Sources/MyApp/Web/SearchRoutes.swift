import HTTPTypes
import Hummingbird

struct SearchRoutes: Sendable {
  let service: Service

  /// Characters of a search.
  static let maximumQuery = 2000

  func add(to router: Router<BasicRequestContext>) {
    router.get("/api/search") { request, _ in try await search(request) }
    router.get("/api/passage") { request, _ in try await passage(request) }
  }

  private func search(_ request: Request) async throws -> Response {
    let clock = ContinuousClock()
    let start = clock.now
    let query = request.query
    let text = try query.required("q")
    guard text.unicodeScalars.count <= Self.maximumQuery else {
      throw WebError.badRequest("A search has at most \(Self.maximumQuery) characters")
    }
    guard let mode = SearchMode(rawValue: query["mode"] ?? SearchMode.fused.rawValue) else {
      throw WebError.badRequest("mode must be one of \(SearchMode.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let limit = try query.number("limit", in: 1...100, default: 10)
    let filter = SearchFilter(topic: query["topic"], source: query["source"], kind: query["kind"])
    let answer = try await Searcher(library: service.library()).search(text, mode: mode, limit: limit, filter: filter)
    return try JSONAnswer.response(
      Wire.Search(
        query: text,
        milliseconds: .init(
          embedding: answer.embedding.milliseconds, search: answer.search.milliseconds,
          total: (clock.now - start).milliseconds),
        results: Dictionary(
          answer.lists.map { ($0.key.rawValue, $0.value.map { Wire.Hit($0) }) }, uniquingKeysWith: { first, _ in first }
        )))
  }

  private func passage(_ request: Request) async throws -> Response {
    let id = try request.query.required("id")
    let library = try await service.library()
    guard let passage = try await library.passage(id) else { throw WebError.notFound("There is no passage \(id)") }
    return try JSONAnswer.response(
      Wire.PassageInContext(passage: Wire.Passage(passage), context: try await library.context(of: passage)))
  }
}
