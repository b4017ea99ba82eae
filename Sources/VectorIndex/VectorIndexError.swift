/// What can go wrong at the index's doors.
package enum VectorIndexError: Error, Equatable, Sendable {
  /// A vector (or a run of vectors) whose length is not (a multiple of) the dimension.
  case dimensionMismatch(expected: Int, received: Int)
  /// No more rows can be numbered.
  case full(limit: Int)
  /// The system refused memory.
  case outOfMemory(bytes: Int)
  /// A saved graph that cannot be used; `offset` is the byte at which that was seen.
  case damagedSnapshot(reason: String, offset: Int)
}
