/// The embeddings of some records, one after another in a single buffer.
public struct EmbeddingBatch: Sendable, Hashable {
  /// Length of each vector; 0 when there is none.
  public var dimension: Int
  /// `stored × dimension` values.
  public var values: [Float]
  /// For each record the index of its vector, or -1 for none; `nil` when record *i* has vector *i*.
  public var slots: [Int]?

  public init(dimension: Int, values: [Float], slots: [Int]? = nil) {
    self.dimension = dimension
    self.values = values
    self.slots = slots
  }

  public init(_ vectors: [[Float]]) {
    self.init(dimension: vectors.first?.count ?? 0, values: vectors.flatMap { $0 })
  }

  /// Records the batch speaks of, with or without a vector.
  public var count: Int { slots?.count ?? (dimension > 0 ? values.count / dimension : 0) }

  /// Where record `index` has its vector in ``values``; `nil` when it has none.
  public func range(_ index: Int) -> Range<Int>? {
    let slot = slots.map { $0[index] } ?? index
    guard slot >= 0 else { return nil }
    return slot * dimension..<(slot + 1) * dimension
  }

  public func vector(_ index: Int) -> ArraySlice<Float>? { range(index).map { values[$0] } }
}
