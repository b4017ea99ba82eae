/// A passage an answer may rest on, under the number it is cited by.
struct Source: Sendable, Hashable {
  /// From 1.
  var number: Int
  var hit: SearchHit
  /// What the answerer reads: the passage and what stands around it.
  var context: TextWindow
}
