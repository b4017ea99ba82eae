/// When a collection's derived state is saved, and when it is rebuilt without its dead rows.
struct CheckpointPolicy: Sendable, Hashable {
  /// Rows that may lie outside the saved state.
  var rowsOutside = 65_536
  /// Bytes of vectors and records that may lie outside the saved state.
  var bytesOutside = 128 << 20
  /// Bytes of sealed blocks in memory from which they are written to a file.
  var blockBytesInMemory = 4 << 20
  /// Below this many rows nothing is saved: reading them back from the database is as fast.
  var minimumRows = 2_048
  /// Dead rows are borne up to this many, and up to as many as there are live ones.
  var deadRows = 4_096

  /// While the collection is in use.
  func isDue(rows: Int, saved: Int, dimension: Int, recordBytes: Int) -> Bool {
    let outside = rows - saved
    guard outside >= minimumRows else { return false }
    return outside >= rowsOutside || outside * dimension * 4 + recordBytes >= bytesOutside
  }

  /// Whether something full waits for being saved, so that its memory can be taken back.
  func needsSaving(rows: Int, fullChunks: Int, savedChunks: Int, blockBytes: Int) -> Bool {
    rows >= minimumRows && (fullChunks > savedChunks || blockBytes >= blockBytesInMemory)
  }

  /// When it is closed: a smaller gain is worth the write.
  func isDueAtClose(rows: Int, saved: Int) -> Bool { rows >= minimumRows && rows - saved >= minimumRows / 2 }

  /// Whether writers are too fast for the compaction that runs.
  func isFarBehind(live: Int, dead: Int) -> Bool { dead > 2 * live + 8 * deadRows }

  func needsCompaction(live: Int, dead: Int) -> Bool { dead > deadRows && dead > live }
}
