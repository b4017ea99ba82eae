import ChromaClient
import Documents
import Embeddings
import Foundation
import Logging

/// What an answer is made of, as it is made.
enum AnswerEvent: Sendable, Hashable {
  /// What was searched for, and the passages an answer may rest on.
  case sources(question: String, wasRewritten: Bool, [Source])
  /// The next piece of the answer.
  case token(String)
  /// What the reader should know; what was said so far does not count when `restart`.
  case notice(String, restart: Bool)
  case done(Answer)
}

struct Answer: Sendable, Hashable {
  enum Author: String, Sendable { case model, extract, none }

  var text: String
  var refused: Bool
  var author: Author
  /// Sources the answer names.
  var citations: [Int]
  /// Confidence that the sources answer at all, and the cut below which nothing is answered.
  var best: Double
  var cut: Double
}

/// Answers questions from the library: retrieves, then asks the chat model, or takes the best sentences where there is none.
struct Answerer: Sendable {
  let library: Library
  let model: ChatModel?
  let logger: Logger

  static let sources = 6
  /// Sources of which sentences are taken when there is no model.
  static let extractedSources = 4
  static let refusal = "I don't know: nothing in the library answers this."
  /// Characters of a model's answer.
  static let maximumAnswer = 32_000

  func answer(_ question: Question, emit: (AnswerEvent) async throws -> Void) async throws {
    let searched = try await standalone(question)
    let answer = try await Searcher(library: library).search(
      searched, mode: .compare, limit: Self.sources, filter: question.filter)
    let sources = try await read(answer.lists[.fused] ?? [])
    try await emit(.sources(question: searched, wasRewritten: searched != question.text, sources))
    let best = answer.lists[.dense]?.first?.similarity ?? 0
    let coverage = answer.lists[.keyword]?.map(\.coverage).max() ?? 0
    guard Confidence.suffices(similarity: best, coverage: coverage) else {
      try await emit(.token(Self.refusal))
      try await emit(
        .done(
          Answer(
            text: Self.refusal, refused: true, author: .none, citations: [], best: best, cut: Confidence.cut)))
      return
    }
    if let model {
      do {
        let answer = try await ask(model, searched, question.history, sources, best: best, emit: emit)
        try await emit(.done(answer))
        return
      } catch let error as ChatError {
        logger.warning("Chat model", metadata: ["error": "\(error)"])
        try await emit(.notice("\(error.description). These are the best sentences found instead.", restart: true))
      }
    }
    try await emit(.done(try await extract(searched, sources, best: best, emit: emit)))
  }

  /// The first sources that would answer by themselves; where words alone found them, the first.
  private func quotable(_ sources: [Source]) -> [Source] {
    let near = sources.prefix(Self.extractedSources).filter { ($0.hit.similarity ?? 0) >= Confidence.cut }
    return near.isEmpty ? Array(sources.prefix(1)) : Array(near)
  }

  private func extract(
    _ question: String, _ sources: [Source], best: Double, emit: (AnswerEvent) async throws -> Void
  ) async throws -> Answer {
    let vector = try await library.embedder.embed([question]).values
    let extract = try await ExtractiveAnswer.make(
      question: vector, sources: quotable(sources), embedder: library.embedder)
    for (place, part) in extract.parts.enumerated() { try await emit(.token(place == 0 ? part : " " + part)) }
    return Answer(
      text: extract.text, refused: false, author: .extract,
      citations: Citations.numbers(in: extract.text, sources: sources.count), best: best, cut: Confidence.cut)
  }

  private func standalone(_ question: Question) async throws -> String {
    guard !question.history.isEmpty else { return question.text }
    let fallback = FollowUp.standalone(question)
    guard let model else { return fallback }
    do {
      let rewritten = try await model.complete(Prompt.rewrite(question.text, history: question.history))
        .trimmingCharacters(in: .whitespacesAndNewlines)
      // A model that answers instead of rewriting has said too much.
      return rewritten.isEmpty || rewritten.count > 500 || rewritten.contains("\n") ? fallback : rewritten
    } catch let error as ChatError {
      logger.warning("Chat model", metadata: ["error": "\(error)"])
      return fallback
    }
  }

  private func read(_ hits: [SearchHit]) async throws -> [Source] {
    try await withThrowingTaskGroup(of: Source.self) { group in
      for (place, hit) in hits.enumerated() {
        group.addTask { Source(number: place + 1, hit: hit, context: try await library.context(of: hit.passage)) }
      }
      var sources: [Source] = []
      for try await source in group { sources.append(source) }
      return sources.sorted { $0.number < $1.number }
    }
  }

  private func ask(
    _ model: ChatModel, _ question: String, _ history: [Turn], _ sources: [Source], best: Double,
    emit: (AnswerEvent) async throws -> Void
  ) async throws -> Answer {
    var text = ""
    try await model.stream(Prompt.answer(question, history: history, sources: sources)) { piece in
      text += piece
      guard text.utf8.count <= Self.maximumAnswer else { throw ChatError("the chat model does not come to an end") }
      try await emit(.token(piece))
    }
    let refused = Prompt.isRefusal(text)
    return Answer(
      text: text, refused: refused, author: .model,
      citations: refused ? [] : Citations.numbers(in: text, sources: sources.count), best: best, cut: Confidence.cut)
  }
}
