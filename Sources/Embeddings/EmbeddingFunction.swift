import ChromaModel

/// Text to dense vectors.
public protocol EmbeddingFunction: Sendable {
  /// What the vectors came from; vectors of two names must not meet in one collection.
  var name: String { get }
  /// Length of every vector.
  var dimension: Int { get }

  /// One vector for each text, in the same order. No text gives an empty batch.
  func embed(_ texts: [String]) async throws -> EmbeddingBatch
}

/// Text to sparse vectors.
public protocol SparseEmbeddingFunction: Sendable {
  /// What the vectors came from; indices of two names mean different things.
  var name: String { get }

  /// One vector for each text, in the same order. A text without words gives a vector without indices.
  func embed(_ texts: [String]) async throws -> [SparseVector]
}
