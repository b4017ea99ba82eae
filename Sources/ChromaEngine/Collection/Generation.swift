import Storage
import VectorIndex

/// A collection's records and vectors under one numbering of rows. Compaction makes a new one; until then rows only
/// count up.
struct Generation: Sendable {
  let table: RecordTable
  /// `nil` until the dimension is known. Row *r* of the table is row *r* of the index.
  var index: HNSWIndex?
  /// What of both is in files.
  let segments: SavedSegments

  init(table: RecordTable, index: HNSWIndex?, segments: SavedSegments = SavedSegments()) {
    self.table = table
    self.index = index
    self.segments = segments
  }

  /// Calls `body` with the rows of a bitmap in the shape the index takes.
  static func withRowSet<T, E: Error>(
    _ rows: RowBitmap, below rowCount: Int, _ body: (RowSet) throws(E) -> T
  ) throws(E) -> T {
    try rows.withChunks { (chunks) throws(E) -> T in
      let covered = min(rowCount, chunks.count << 16)
      guard let base = chunks.baseAddress, covered > 0 else {
        return try Self.withEmptyRowSet(body)
      }
      return try body(RowSet(chunks: base, rowCount: covered, count: rows.count))
    }
  }

  private static func withEmptyRowSet<T, E: Error>(_ body: (RowSet) throws(E) -> T) throws(E) -> T {
    var word: UInt64 = 0
    return try withUnsafePointer(to: &word) { (word) throws(E) -> T in
      var chunk = word
      return try withUnsafePointer(to: &chunk) { (chunk) throws(E) -> T in
        try body(RowSet(chunks: chunk, rowCount: 0, count: 0))
      }
    }
  }
}
