import Foundation
import HTTPTypes
import Hummingbird

/// Recommendation, classification and duplicates.
struct UseRoutes: Sendable {
  let service: Service

  static let maximumBody = 256 << 10
  static let maximumExamples = 100

  func add(to router: Router<BasicRequestContext>) {
    router.post("/api/recommend") { request, _ in try await recommend(request) }
    router.post("/api/classify") { request, _ in try await classify(request) }
    router.post("/api/duplicates") { request, _ in try await duplicates(request) }
  }

  private func recommend(_ request: Request) async throws -> Response {
    try WriteGuard.checkOrigin(request)
    let body = try await request.decode(Wire.RecommendRequest.self, upTo: Self.maximumBody)
    let (liked, disliked) = (body.liked ?? [], body.disliked ?? [])
    guard !liked.isEmpty || !disliked.isEmpty else { throw WebError.badRequest("liked and disliked are both empty") }
    guard liked.count + disliked.count <= Self.maximumExamples else {
      throw WebError.badRequest("At most \(Self.maximumExamples) examples")
    }
    let limit = try Self.checked(body.limit ?? 10, in: 1...100, "limit")
    let hits = try await Recommendation(library: service.library()).hits(liked: liked, disliked: disliked, limit: limit)
    return try JSONAnswer.response(Wire.Hits(hits: hits.map { Wire.Hit($0) }))
  }

  private func classify(_ request: Request) async throws -> Response {
    try WriteGuard.checkOrigin(request)
    let body = try await request.decode(Wire.ClassifyRequest.self, upTo: Self.maximumBody)
    guard !body.text.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty else {
      throw WebError.badRequest("text is empty")
    }
    let neighbours = try Self.checked(body.neighbours ?? 10, in: 1...100, "neighbours")
    let result = try await Classification.classify(body.text, neighbours: neighbours, library: service.library())
    return try JSONAnswer.response(
      Wire.Classified(
        label: result.label, confidence: result.confidence,
        votes: result.votes.map { .init(label: $0.label, weight: $0.weight, count: $0.count) },
        neighbours: result.neighbours.map { Wire.Hit($0) }))
  }

  private func duplicates(_ request: Request) async throws -> Response {
    try WriteGuard.checkOrigin(request)
    let body = try await request.decode(Wire.DuplicatesRequest.self, upTo: Self.maximumBody)
    let threshold = body.threshold ?? 0.9
    guard (0.3...1).contains(threshold) else { throw WebError.badRequest("threshold must be from 0.3 to 1") }
    let limit = try Self.checked(body.limit ?? 100, in: 1...1000, "limit")
    let finder = Duplicates(library: try await service.library())
    return EventStream.response(service.logger) { send in
      let clock = ContinuousClock()
      let start = clock.now
      var pairs = 0
      let compared = try await service.surveyGate.run(UUID().uuidString) {
        try await finder.find(threshold: threshold, limit: limit, topic: body.topic) { event in
          switch event {
          case .progress(let done, let total): try await send("progress", Wire.Progress(done: done, total: total))
          case .pair(let pair):
            pairs += 1
            try await send(
              "pair",
              Wire.Pair(
                similarity: pair.similarity, a: Wire.Passage(pair.first), b: Wire.Passage(pair.second)))
          }
        }
      }
      try await send(
        "done", Wire.DuplicatesDone(pairs: pairs, compared: compared, milliseconds: (clock.now - start).milliseconds))
    }
  }

  private static func checked(_ value: Int, in range: ClosedRange<Int>, _ name: String) throws(WebError) -> Int {
    guard range.contains(value) else {
      throw .badRequest("\(name) must be from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}
