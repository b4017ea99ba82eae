/// When a collection's derived state is saved, and when it is rebuilt without its dead rows.
struct CheckpointPolicy: Sendable, Hashable {
  /// Rows that may lie outside the saved state: after a crash they are read from the database, some 10 µs each.
  var rowsOutside = 8_192
  /// Bytes of vectors and records that may lie outside the saved state.
  var bytesOutside = 16 << 20
  /// Bytes of sealed blocks in memory from which they are written to a file.
  var blockBytesInMemory = 4 << 20
  /// The graph is saved whole: again only when it has grown by this many rows and by an eighth, so that what is written
  /// for it in all is a multiple of its size. Rows it lacks at an opening are linked anew behind the answers.
  var linksOutside = 16_384
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

  /// Whether a checkpoint saves the graph, or names the saved one again.
  func savesGraph(linked: Int, saved: Int) -> Bool { linked - saved >= max(linksOutside, linked / 8) }

  /// When it is closed: a smaller gain is worth the write.
  func isDueAtClose(rows: Int, saved: Int) -> Bool { rows >= minimumRows && rows - saved >= minimumRows / 2 }

  /// Whether writers are too fast for the compaction that runs.
  func isFarBehind(live: Int, dead: Int) -> Bool { dead > 2 * live + 8 * deadRows }

  /// When it is closed: linking a row takes a thousand times as long as reading its links.
  func savesGraphAtClose(linked: Int, saved: Int) -> Bool { linked - saved >= minimumRows / 2 }

  func needsCompaction(live: Int, dead: Int) -> Bool { dead > deadRows && dead > live }
}
