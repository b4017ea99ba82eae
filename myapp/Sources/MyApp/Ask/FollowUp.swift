/// Questions that only make sense after the ones before.
enum FollowUp {
  /// Most of the history that is looked at.
  static let turns = 4

  /// Words that stand for something said before.
  private static let references: Set<String> = [
    "it", "its", "they", "them", "their", "theirs", "this", "that", "these", "those", "he", "she", "his", "her", "him",
    "one",
    "ones", "there", "then", "former", "latter", "same", "such",
  ]
  private static let openings: Set<String> = ["and", "but", "so", "or", "also", "else", "otherwise"]

  /// Whether the question leans on what was said: it opens as a continuation, refers back, or has next to no words of its
  /// own.
  static func leansOnHistory(_ question: String) -> Bool {
    let words = Words.of(question).map { $0.text.lowercased() }
    guard let first = words.first else { return false }
    if openings.contains(first) || words.contains(where: references.contains) { return true }
    let opensWithHowAbout = words.count > 1 && ["what", "how"].contains(first) && words[1] == "about"
    return opensWithHowAbout || Set(words.compactMap(Words.stem)).count < 2
  }

  /// A question that can be searched alone, made without a model: the last question that stood by itself, then this one.
  static func standalone(_ question: Question) -> String {
    guard !question.history.isEmpty, leansOnHistory(question.text) else { return question.text }
    let earlier = question.history.suffix(turns).last { !leansOnHistory($0.question) } ?? question.history.last
    return earlier.map { "\($0.question) \(question.text)" } ?? question.text
  }
}
