import Foundation
import Logging

/// Asks all questions and counts.
struct Evaluation: Sendable {
  struct Row: Sendable, Hashable {
    var recallAt1 = 0.0
    var recallAt5 = 0.0
    var recallAt10 = 0.0
    var reciprocalRank = 0.0
    var ndcg = 0.0
  }

  /// What was found for one question, to be compared with another database's.
  struct Finding: Codable, Sendable, Hashable {
    var question: String
    var dense, keyword, fused: [String]
    var refused: Bool
    var answer: String
  }

  var rows: [SearchMode: Row] = [:]
  var answerable = 0
  var unanswerable = 0
  /// Unanswerable questions that were refused, as they should be.
  var refused = 0
  /// Answerable ones that were refused all the same.
  var wronglyRefused = 0
  /// Milliseconds of a search in all three ways, ascending.
  var searches: [Double] = []
  var findings: [Finding] = []
  /// What a person should look at: questions whose passage is not among the first five.
  var missed: [String] = []

  static let modes: [SearchMode] = [.dense, .keyword, .fused]

  static func run(
    _ questions: [EvaluationQuestion], library: Library, logger: Logger, progress: (Int, Int) -> Void
  ) async throws -> Evaluation {
    var evaluation = Evaluation()
    let searcher = Searcher(library: library)
    let answerer = Answerer(library: library, model: nil, logger: logger)
    let clock = ContinuousClock()
    for (place, question) in questions.enumerated() {
      progress(place, questions.count)
      let start = clock.now
      let lists = try await searcher.search(question.question, mode: .compare, limit: 10).lists
      evaluation.searches.append((clock.now - start).milliseconds)
      var answer: Answer?
      try await answerer.answer(Question(text: question.question)) { event in
        if case .done(let done) = event { answer = done }
      }
      evaluation.count(question, lists, answer)
    }
    evaluation.average()
    return evaluation
  }

  private mutating func count(_ question: EvaluationQuestion, _ lists: [SearchMode: [SearchHit]], _ answer: Answer?) {
    func ids(_ mode: SearchMode) -> [String] { (lists[mode] ?? []).map(\.passage.id) }
    findings.append(
      Finding(
        question: question.question, dense: ids(.dense), keyword: ids(.keyword), fused: ids(.fused),
        refused: answer?.refused ?? false, answer: answer?.text ?? ""))
    guard question.isAnswerable else {
      unanswerable += 1
      if answer?.refused ?? false { refused += 1 } else { missed.append("answered: \(question.question)") }
      return
    }
    answerable += 1
    if answer?.refused ?? false {
      wronglyRefused += 1
      missed.append("refused: \(question.question)")
    }
    for mode in Self.modes {
      let metrics = RankingMetrics(
        found: (lists[mode] ?? []).map { question.answeringSection($0.passage) },
        relevant: question.sections?.count ?? 0)
      rows[mode, default: Row()].recallAt1 += metrics.recall(at: 1)
      rows[mode, default: Row()].recallAt5 += metrics.recall(at: 5)
      rows[mode, default: Row()].recallAt10 += metrics.recall(at: 10)
      rows[mode, default: Row()].reciprocalRank += metrics.reciprocalRank
      rows[mode, default: Row()].ndcg += metrics.ndcg(at: 10)
      if mode == .dense, metrics.recall(at: 5) == 0 { missed.append("not in the first five: \(question.question)") }
    }
  }

  private mutating func average() {
    searches.sort()
    let count = Double(max(answerable, 1))
    rows = rows.mapValues { row in
      Row(
        recallAt1: row.recallAt1 / count, recallAt5: row.recallAt5 / count, recallAt10: row.recallAt10 / count,
        reciprocalRank: row.reciprocalRank / count, ndcg: row.ndcg / count)
    }
  }
}
