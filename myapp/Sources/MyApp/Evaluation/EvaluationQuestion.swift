import Foundation

/// A question about the sample corpus, and where its answer stands.
struct EvaluationQuestion: Decodable, Sendable, Hashable {
  /// `test` is reported and held to the floors; on `tune` weights and cuts were chosen. `names` are single rare words of the
  /// corpus, drawn at random.
  enum Part: String, Decodable, Sendable, CaseIterable { case test, tune, names }

  var set: Part
  var question: String
  /// `nil` for a question that the corpus does not answer.
  var source: String?
  /// Headings of the sections that answer it.
  var sections: [String]?

  var isAnswerable: Bool { source != nil }

  /// The section of ours that the passage is from.
  func answeringSection(_ passage: StoredPassage) -> String? {
    guard passage.source == source else { return nil }
    return sections?.first { passage.section == $0 || passage.section.hasSuffix(" › " + $0) }
  }

  struct Unreadable: Error, CustomStringConvertible {
    var description: String
  }

  /// - Parameter path: one JSON object a line.
  static func read(_ path: String) throws -> [EvaluationQuestion] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Unreadable(description: "cannot read the questions in \(path)")
    }
    return try text.split(separator: "\n").enumerated().map { number, line in
      do {
        return try JSONDecoder().decode(EvaluationQuestion.self, from: Data(line.utf8))
      } catch {
        throw Unreadable(description: "\(path), line \(number + 1): \(error)")
      }
    }
  }
}
