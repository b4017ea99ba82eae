/// The rows a search may return: a read-only bitmap in chunks of 1,024 words (65,536 rows).
///
/// Wraps memory that the caller owns and keeps, unchanged, for the length of the call it is passed to.
///
/// `@unchecked Sendable`: nobody writes to the words while the set is in use, which is the caller's promise above.
package struct RowSet: @unchecked Sendable {
  package static let rowsPerChunk = 65_536

  @usableFromInline let chunks: UnsafePointer<UnsafePointer<UInt64>>
  /// Rows covered: rows from here on are not in the set, whatever the last word says.
  package let rowCount: Int
  /// Bits set below `rowCount`.
  package let count: Int

  /// - Parameter chunks: one pointer for each started chunk of 65,536 rows, each to 1,024 words.
  package init(chunks: UnsafePointer<UnsafePointer<UInt64>>, rowCount: Int, count: Int) {
    self.chunks = chunks
    self.rowCount = rowCount
    self.count = count
  }

  @inline(__always)
  package func contains(_ row: UInt32) -> Bool {
    let row = Int(row)
    guard row < rowCount else { return false }
    return chunks[row >> 16][(row >> 6) & 1023] >> (UInt64(truncatingIfNeeded: row) & 63) & 1 != 0
  }

  /// Rows `64 * index` to `64 * index + 63`, rows from `bound` on left out.
  @inline(__always)
  func word(_ index: Int, bound: Int) -> UInt64 {
    let left = min(bound, rowCount) &- (index &<< 6)
    guard left > 0 else { return 0 }
    let word = chunks[index &>> 10][index & 1023]
    return left >= 64 ? word : word & ((1 &<< UInt64(left)) &- 1)
  }
}
