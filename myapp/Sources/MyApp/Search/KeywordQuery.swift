import Embeddings
import Foundation

/// The words of a question that keyword search looks for.
struct KeywordQuery: Sendable, Hashable {
  struct Term: Sendable, Hashable {
    /// What counts as the same word.
    var stem: String
    /// What every word of this stem begins with, as far as spelling goes.
    var beginning: String

    /// Finds the term's words whatever their case; text of the question is never syntax.
    var pattern: String { "(?i)" + RegexLiteral.escape(beginning) }

    /// Whether the word is a form of this one.
    func matches(_ word: String) -> Bool {
      guard let own = beginning.unicodeScalars.first, let first = word.unicodeScalars.first,
        // Stemming takes long; most words differ in their first letter.
        own == first || own == first.properties.lowercaseMapping.unicodeScalars.first
      else { return false }
      return word.lowercased().hasPrefix(beginning) && Words.stem(word) == stem
    }
  }

  /// In the order of the question, each once.
  let terms: [Term]

  static let maximumTerms = 12

  init(_ text: String) {
    var terms: [Term] = []
    for word in Words.of(text) {
      guard let stem = Words.stem(word.text), !terms.contains(where: { $0.stem == stem }) else { continue }
      let lower = word.text.lowercased()
      // Stems are not always beginnings: "happi" of "happy".
      let common = lower.commonPrefix(with: stem)
      terms.append(Term(stem: stem, beginning: common.isEmpty ? lower : common))
      if terms.count == Self.maximumTerms { break }
    }
    self.terms = terms
  }
}
