import Synchronization

/// A full chunk of vectors as it was saved, in memory that `owner` keeps (a mapped file).
package struct SavedChunk {
  package let bytes: UnsafeRawBufferPointer
  package let owner: any AnyObject & Sendable

  package init(bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
    self.bytes = bytes
    self.owner = owner
  }
}

extension HNSWIndex {
  /// An index from what `vectorChunk` and `encodeGraph` gave. Nothing in the graph is trusted: every row, link and
  /// parent is checked before it is used. The graph may be older than the vectors: rows it does not know wait.
  ///
  /// - Parameters:
  ///   - graph: read during the call only.
  ///   - fullChunks: used where they are, for as long as the index lives, and never written to. The vectors are not
  ///     checked: the caller has their checksums.
  ///   - partial: the last chunk's vectors, copied.
  ///   - parameters: `m` must be the saved one. `usesCodes` is free: codes are not saved but computed here.
  /// - Throws: `.damagedSnapshot`, `.outOfMemory`, `.full`.
  /// - Complexity: O(rows · m) for the graph and O(rows · dimension) for the codes, both on all cores: full chunks are
  ///   read once. Without codes they are not read.
  package convenience init(
    restoring graph: UnsafeRawBufferPointer, fullChunks: [SavedChunk], partial: UnsafeRawBufferPointer,
    dimension: Int, metric: DistanceMetric, parameters: HNSWParameters, kernels: KernelLevel = .best
  ) throws(VectorIndexError) {
    self.init(dimension: dimension, metric: metric, parameters: parameters, kernels: kernels)
    let rowCount = try takeVectors(fullChunks, partial)
    guard links.grow(from: 0, to: rowCount), pending.grow(to: rowCount) else {
      throw .outOfMemory(bytes: rowCount * links.m0 * 4)
    }
    let header = try readHeader(graph, rowCount: rowCount)
    let reading = GraphReading(graph, rowCount: header.rowCount, links: links)
    try reading.layOut(from: GraphFormat.headerWords)
    try reading.decode()
    try reading.check()
    try publish(header, reading, rowCount: rowCount)
  }

  private struct Header {
    let rowCount: Int
    let linkedCount: UInt32
    let entryRow: UInt32
    let entryLevel: UInt32
  }

  private func takeVectors(_ full: [SavedChunk], _ partial: UnsafeRawBufferPointer) throws(VectorIndexError) -> Int {
    let layout = slab.layout
    for chunk in full {
      guard chunk.bytes.count == layout.chunkBytes, let base = chunk.bytes.baseAddress,
        Int(bitPattern: base).isMultiple(of: 16)
      else {
        throw .damagedSnapshot(
          reason: "a chunk of \(chunk.bytes.count) bytes, expected \(layout.chunkBytes), aligned to 16", offset: 0)
      }
      slab.chunks.adopt(base, owner: chunk.owner)
    }
    let rest = partial.count / layout.rowBytes
    guard partial.count.isMultiple(of: layout.rowBytes), rest < layout.rowsPerChunk else {
      throw .damagedSnapshot(reason: "\(partial.count) bytes of vectors, \(layout.rowBytes) a row", offset: 0)
    }
    let first = full.count << layout.shift
    guard first + rest <= Self.maximumRowCount else { throw .full(limit: Self.maximumRowCount) }
    guard slab.complete(saved: first, partial: partial) else {
      throw .outOfMemory(bytes: layout.chunkBytes + (first + rest) * layout.codeBytes)
    }
    return first + rest
  }

  private func readHeader(_ graph: UnsafeRawBufferPointer, rowCount: Int) throws(VectorIndexError) -> Header {
    guard graph.count >= GraphFormat.headerWords * 4 else {
      throw .damagedSnapshot(reason: "the end is missing", offset: graph.count)
    }
    let words = (0..<GraphFormat.headerWords).map {
      UInt32(littleEndian: graph.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))
    }
    let expected: [(word: UInt32, name: String)] = [
      (GraphFormat.magic, "magic"), (GraphFormat.version, "version"), (UInt32(dimension), "dimension"),
      (UInt32(metric.rawValue), "metric"), (UInt32(links.m), "m"),
    ]
    for (index, (word, name)) in expected.enumerated() where words[index] != word {
      throw .damagedSnapshot(reason: "\(name) \(words[index]), expected \(word)", offset: index * 4)
    }
    guard words[5] <= rowCount else {
      throw .damagedSnapshot(reason: "\(words[5]) rows, but vectors for \(rowCount)", offset: 20)
    }
    guard words[9...].allSatisfy({ $0 == 0 }) else { throw .damagedSnapshot(reason: "an unused word", offset: 36) }
    return Header(rowCount: Int(words[5]), linkedCount: words[6], entryRow: words[7], entryLevel: words[8])
  }

  private func publish(_ header: Header, _ graph: GraphReading, rowCount: Int) throws(VectorIndexError) {
    func damaged(_ reason: String) -> VectorIndexError { .damagedSnapshot(reason: reason, offset: 24) }
    let count = graph.linkedCount
    guard count == Int(header.linkedCount) else { throw damaged("\(count) rows linked, not as many as said") }
    if count > 0 {
      guard header.entryRow < header.rowCount, Int(header.entryLevel) == graph.highestLevel,
        Int(graph.levels[Int(header.entryRow)]) == graph.highestLevel
      else { throw damaged("entry row \(header.entryRow)") }
      entryPoint.store(EntryPoint.pack(row: header.entryRow, level: graph.highestLevel), ordering: .releasing)
    } else if header.entryRow != GraphFormat.none || header.entryLevel != GraphFormat.none {
      throw damaged("an entry row but no rows")
    }
    pending.add(0..<rowCount)
    claimed.store(graph.publish(to: pending), ordering: .releasing)
    linked.store(count, ordering: .releasing)
    publishedRowCount.store(rowCount, ordering: .releasing)
  }
}
