/// Whether what was found answers the question at all.
///
/// The best passage and the best sentence each say something: a passage on the subject may lack the fact, and a sentence may
/// look like the question by accident. The cut was chosen on the tuning questions (`myapp eval --set tune`).
enum Confidence {
  static let cut = 0.5

  /// - Parameters: cosines of the nearest passage and the nearest sentence to the question.
  static func of(passage: Double, sentence: Double) -> Double { (passage + sentence) / 2 }
}
