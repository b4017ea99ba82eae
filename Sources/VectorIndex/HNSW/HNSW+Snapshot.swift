/// Saving: vectors by chunks that never change, the graph as one stream.
extension HNSWIndex {
  /// Rows in a full chunk of vectors.
  package var rowsPerChunk: Int { slab.layout.rowsPerChunk }

  /// Bytes of a full chunk, more than any other has. Chunks of the same dimension and metric have the same size.
  package var chunkBytes: Int { slab.layout.chunkBytes }

  /// What to save of a chunk of vectors: all of it (vectors and norms) when it is full, the vectors of the filled rows,
  /// each padded to 64 bytes, otherwise. Codes are computed again by whoever restores.
  ///
  /// - Parameter rows: rows of the snapshot, at most `rowCount`.
  /// - Returns: bytes that stay as they are while the index lives; empty for a chunk without rows.
  package func vectorChunk(_ chunk: Int, rows: Int) -> UnsafeRawBufferPointer {
    let layout = slab.layout
    let filled = min(max(min(rows, rowCount) - chunk * layout.rowsPerChunk, 0), layout.rowsPerChunk)
    guard chunk >= 0, filled > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let count = filled == layout.rowsPerChunk ? layout.chunkBytes : filled * layout.rowBytes
    return UnsafeRawBufferPointer(start: slab.chunks.base[chunk], count: count)
  }

  /// Puts a saved chunk, full and just as `vectorChunk` gave it, in the place of the one in memory, while searches go on.
  ///
  /// - Parameter file: a shared mapping of the file that holds the bytes; it may be unmapped afterwards.
  /// - Returns: whether the chunk's pages are the file's now. Where not, nothing has changed.
  package func replaceVectorChunk(_ chunk: Int, with file: UnsafeRawBufferPointer) -> Bool {
    guard chunk >= 0, (chunk + 1) * rowsPerChunk <= rowCount else { return false }
    return slab.chunks.replace(chunk, with: file)
  }

  /// Streams the graph of the rows below `rows`, while links may go on being made.
  ///
  /// Rows in the graph when the call begins are saved with their links to such rows; the others are saved as waiting.
  /// So is a row whose way to the root of the tree leads through one of those, so that the saved tree is whole.
  ///
  /// - Parameter rows: at most `rowCount`.
  /// - Throws: what `body` throws.
  /// - Complexity: O(rows · m) time, a byte a row and 64 KB of memory.
  package func encodeGraph(rows: Int, into body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let count = min(max(rows, 0), rowCount)
    let saved = savedRows(below: count)
    var writer = WordWriter()
    var entry: (row: UInt32, level: Int)?
    for row in 0..<UInt32(count) where saved[Int(row)] {
      if links.level(row) > entry?.level ?? -1 { entry = (row, links.level(row)) }
    }
    writer.append(GraphFormat.magic)
    writer.append(GraphFormat.version)
    writer.append(UInt32(dimension))
    writer.append(UInt32(metric.rawValue))
    writer.append(UInt32(links.m))
    writer.append(UInt32(count))
    writer.append(UInt32(saved.count { $0 }))
    writer.append(entry?.row ?? GraphFormat.none)
    writer.append(entry.map { UInt32($0.level) } ?? GraphFormat.none)
    for _ in 9..<GraphFormat.headerWords { writer.append(0) }
    var ids = [UInt32](repeating: 0, count: links.m0 + 2)
    for row in 0..<UInt32(count) {
      if saved[Int(row)] { write(row, saved, &ids, &writer) } else { writer.append(GraphFormat.none) }
      try writer.flush(atLeast: 16_384, to: body)
    }
    try writer.flush(atLeast: 1, to: body)
  }

  private func write(_ row: UInt32, _ saved: [Bool], _ ids: inout [UInt32], _ writer: inout WordWriter) {
    writer.append(UInt32(links.level(row)))
    writer.append(links.parent(row))
    for level in 0...links.level(row) {
      let count = ids.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.map { links.links(row, level: level).copy(to: $0, limit: links.limit(level)) } ?? 0
      }
      let place = writer.reserveWord()
      var kept: UInt32 = 0
      for i in 0..<count {
        let id = ids[i] & rowMask
        guard Int(id) < saved.count, saved[Int(id)] else { continue }
        writer.append(id)
        kept += 1
      }
      writer.set(kept, at: place)
    }
  }

  /// Rows below `count` in the graph now, whose parents up to the root are too.
  private func savedRows(below count: Int) -> [Bool] {
    var saved = (0..<UInt32(count)).map { pending.isLinked($0) }
    var settled = [Bool](repeating: false, count: count)
    var path: [UInt32] = []
    for first in 0..<UInt32(count) where saved[Int(first)] && !settled[Int(first)] {
      var row = first
      var whole = true
      path.removeAll(keepingCapacity: true)
      while true {
        guard Int(row) < count, saved[Int(row)] else {
          whole = false
          break
        }
        if settled[Int(row)] { break }
        path.append(row)
        let parent = links.parent(row)
        if parent == LinkStore.noParent { break }
        row = parent
      }
      for row in path {
        settled[Int(row)] = true
        saved[Int(row)] = whole
      }
    }
    return saved
  }
}

/// Words waiting to be handed on.
private struct WordWriter {
  private var words: [UInt32] = []

  mutating func append(_ word: UInt32) { words.append(word.littleEndian) }

  /// A word to be set later, before the next flush.
  mutating func reserveWord() -> Int {
    words.append(0)
    return words.count - 1
  }

  mutating func set(_ word: UInt32, at place: Int) { words[place] = word.littleEndian }

  mutating func flush(atLeast count: Int, to body: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard words.count >= count else { return }
    try words.withUnsafeBytes(body)
    words.removeAll(keepingCapacity: true)
  }
}
