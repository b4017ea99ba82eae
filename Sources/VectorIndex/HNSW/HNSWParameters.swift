/// The shape of the graph (Malkov and Yashunin 2018), fixed when it is made.
///
/// | parameter        | default | minimum | maximum |
/// | ---------------- | ------- | ------- | ------- |
/// | `m`              | 16      | 2       | 256     |
/// | `efConstruction` | 100     | 1       | 10,000  |
/// | level of a node  | –       | 0       | 15      |
///
/// Values outside are clamped. One link each way is the least that keeps a graph in one piece, hence 2 for `m`.
package struct HNSWParameters: Equatable, Sendable {
  package static let mRange = 2...256
  package static let efConstructionRange = 1...10_000
  package static let maximumLevel = 15

  /// Links a new node asks for, and the most a node keeps above level 0. Level 0 keeps twice as many.
  package let m: Int
  /// Candidates looked at for a new node's links.
  package let efConstruction: Int
  /// Decides the nodes' levels: the same seed and row give the same level.
  package let seed: UInt64
  /// Whether graphs are walked on 8-bit codes where that is faster. Answers are exact float32 either way.
  package let usesCodes: Bool

  package init(m: Int = 16, efConstruction: Int = 100, seed: UInt64 = 42, usesCodes: Bool = true) {
    self.m = min(max(m, Self.mRange.lowerBound), Self.mRange.upperBound)
    self.efConstruction = min(
      max(efConstruction, Self.efConstructionRange.lowerBound), Self.efConstructionRange.upperBound)
    self.seed = seed
    self.usesCodes = usesCodes
  }

  /// A link to a node with no more links to it than this is given up last.
  ///
  /// Nodes that a walk missed although it started from their own vector had one or two: 7 of 158,000 queries on
  /// random vectors of 32 dimensions.
  static var weakInDegree: Int { 4 }

  var m0: Int { 2 * m }

  /// How many links of a node at level 0 may be tree edges, which are never given up. See `HNSW+Insert.swift`.
  var maximumTreeDegree: Int { max(3, m) }
}
