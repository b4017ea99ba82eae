import Foundation
import HTTPTypes
import Hummingbird

struct AskRoutes: Sendable {
  let service: Service

  static let maximumHistory = 40
  static let maximumBody = 256 << 10

  func add(to router: Router<BasicRequestContext>) {
    router.post("/api/ask") { request, _ in try await ask(request) }
  }

  private func ask(_ request: Request) async throws -> Response {
    try WriteGuard.checkOrigin(request)
    let body = try await request.decode(Wire.AskRequest.self, upTo: Self.maximumBody)
    let text = body.question.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !text.isEmpty else { throw WebError.badRequest("question is empty") }
    guard text.unicodeScalars.count <= SearchRoutes.maximumQuery else {
      throw WebError.badRequest("A question has at most \(SearchRoutes.maximumQuery) characters")
    }
    let history = body.history ?? []
    guard history.count <= Self.maximumHistory else {
      throw WebError.badRequest("history holds more than \(Self.maximumHistory) turns")
    }
    let question = Question(text: text, history: history, filter: SearchFilter(topic: body.topic))
    let answerer = Answerer(library: try await service.library(), model: service.chat, logger: service.logger)
    return EventStream.response(service.logger) { send in
      let clock = ContinuousClock()
      let start = clock.now
      try await service.askGate.run(UUID().uuidString) {
        try await answerer.answer(question) { event in
          switch event {
          case .sources(let searched, let wasRewritten, let sources):
            try await send(
              "sources",
              Wire.AskSources(question: searched, rewritten: wasRewritten, passages: sources.map { Wire.Hit($0) }))
          case .token(let piece): try await send("token", Wire.Token(text: piece))
          case .notice(let message, let restart):
            try await send("notice", Wire.Notice(message: message, restart: restart))
          case .done(let answer):
            try await send(
              "done",
              Wire.AskDone(
                answer: answer.text, refused: answer.refused, by: answer.author.rawValue, citations: answer.citations,
                best: answer.best, cut: answer.cut, milliseconds: (clock.now - start).milliseconds))
          }
        }
      }
    }
  }
}
