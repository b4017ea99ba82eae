import ChromaClient
import Documents
import Embeddings
import Foundation

/// An answer made of sentences that stand in the sources, each with its citation.
struct ExtractiveAnswer: Sendable, Hashable {
  /// Sentences and citations, as they are shown.
  var parts: [String]

  var text: String { parts.joined(separator: " ") }

  static let maximumSentences = 3
  /// Sentences that are compared with the question.
  static let maximumCandidates = 60
  /// Of the score: the rest is the passage's.
  static let sentenceShare = 0.7
  /// A further sentence must be this near to the best one's score.
  static let margin = 0.85
  /// Two sentences above this similarity say the same.
  static let repetition = 0.9

  struct Candidate: Sendable, Hashable {
    var source: Int
    /// Place among the sentences of its source.
    var place: Int
    var text: String
    var vector: [Float]
    var score: Double
  }

  /// - Parameter vector: of the question.
  /// - Returns: without parts when the sources hold no sentence.
  static func make(
    question vector: [Float], sources: [Source], embedder: any EmbeddingFunction
  ) async throws -> ExtractiveAnswer {
    var candidates: [Candidate] = []
    for source in sources {
      for (place, sentence) in sentences(source.hit.passage.text).enumerated() where !isHeading(sentence, source.hit) {
        candidates.append(
          Candidate(source: source.number, place: place, text: sentence, vector: [], score: 0))
      }
    }
    candidates = Array(candidates.prefix(maximumCandidates))
    guard !candidates.isEmpty else { return ExtractiveAnswer(parts: []) }
    let vectors = try await embedder.embed(candidates.map(\.text))
    for place in candidates.indices {
      let other = Array(vectors.vector(place) ?? [])
      candidates[place].vector = other
      let similarity = Similarity.cosine(vector, other)
      let passage = sources.first { $0.number == candidates[place].source }?.hit.similarity ?? 0
      candidates[place].score = sentenceShare * similarity + (1 - sentenceShare) * passage
    }
    let chosen = choose(candidates)
    return ExtractiveAnswer(parts: chosen.map { "\(readable($0, among: candidates)) [\($0.source)]" })
  }

  /// Headings stand in the text and mostly state nothing. A first line that is a sentence is one, though it became the title.
  static func isHeading(_ sentence: String, _ hit: SearchHit) -> Bool {
    guard hit.passage.headings.contains(sentence) else { return false }
    let ends: Set<Character> = [".", "!", "?", "。", "！", "？"]
    return !(sentence.last.map(ends.contains) ?? false) && Words.of(sentence).count <= longestHeading
  }

  /// In words.
  private static let longestHeading = 7

  private static func sentences(_ text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    return SentenceSplitter().ranges(in: text).map { range in
      String(String.UnicodeScalarView(scalars[range])).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  /// The best sentence, and others nearly as good that say something else; in the order they are read.
  static func choose(_ candidates: [Candidate]) -> [Candidate] {
    let ordered = candidates.sorted { ($1.score, $0.source, $0.place) < ($0.score, $1.source, $1.place) }
    guard let best = ordered.first else { return [] }
    var chosen = [best]
    for candidate in ordered.dropFirst() where chosen.count < maximumSentences {
      guard candidate.score >= best.score * margin else { break }
      let repeats = chosen.contains {
        $0.text == candidate.text || Similarity.cosine($0.vector, candidate.vector) > repetition
      }
      if !repeats { chosen.append(candidate) }
    }
    // The best one's passage first, each passage in its own order.
    return chosen.sorted {
      ($0.source != best.source ? 1 : 0, $0.source, $0.place) < ($1.source != best.source ? 1 : 0, $1.source, $1.place)
    }
  }

  /// A sentence that refers back comes with the one before it.
  private static func readable(_ candidate: Candidate, among candidates: [Candidate]) -> String {
    guard let first = Words.of(candidate.text).first?.text.lowercased(), backReferences.contains(first),
      let before = candidates.first(where: { $0.source == candidate.source && $0.place == candidate.place - 1 })
    else { return candidate.text }
    return "\(before.text) \(candidate.text)"
  }

  private static let backReferences: Set<String> = [
    "it", "its", "they", "their", "this", "that", "these", "those", "he", "she", "his", "her", "such", "both", "but",
    "so",
  ]
}
