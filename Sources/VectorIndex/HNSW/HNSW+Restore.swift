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
  /// parent is checked before it is used.
  ///
  /// - Parameters:
  ///   - graph: read during the call only.
  ///   - fullChunks: used where they are, for as long as the index lives, and never written to. The vectors are not
  ///     checked: the caller has their checksums.
  ///   - partial: the last chunk's vectors, copied.
  ///   - parameters: `m` must be the saved one. `usesCodes` is free: codes are not saved but computed here.
  /// - Throws: `.damagedSnapshot`, `.outOfMemory`, `.full`.
  /// - Complexity: O(rows · m), and O(rows · dimension) on two threads for the codes: full chunks are read once, about
  ///   0.2 to 0.4 µs a row of 384 dimensions when they are in memory. Without codes they are not read.
  package convenience init(
    restoring graph: UnsafeRawBufferPointer, fullChunks: [SavedChunk], partial: UnsafeRawBufferPointer,
    dimension: Int, metric: DistanceMetric, parameters: HNSWParameters, kernels: KernelLevel = .best
  ) throws(VectorIndexError) {
    self.init(dimension: dimension, metric: metric, parameters: parameters, kernels: kernels)
    let rowCount = try takeVectors(fullChunks, partial)
    guard links.grow(from: 0, to: rowCount), pending.grow(to: rowCount) else {
      throw .outOfMemory(bytes: rowCount * links.m0 * 4)
    }
    var reader = WordReader(bytes: graph)
    let header = try readHeader(&reader, rowCount: rowCount)
    pending.add(0..<rowCount)
    for row in 0..<UInt32(rowCount) { try readRow(row, rowCount: rowCount, &reader) }
    guard reader.atEnd else { throw reader.damaged("bytes behind the last row") }
    try checkLinks(rowCount: rowCount, reader)
    try checkTree(rowCount: rowCount, reader)
    try publish(header, rowCount: rowCount, reader)
  }

  private struct Header {
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
      throw .outOfMemory(bytes: layout.chunkBytes + (first + rest) * layout.codeStride)
    }
    return first + rest
  }

  private func readHeader(_ reader: inout WordReader, rowCount: Int) throws(VectorIndexError) -> Header {
    try reader.expect(GraphFormat.magic, "magic")
    try reader.expect(GraphFormat.version, "version")
    try reader.expect(UInt32(dimension), "dimension")
    try reader.expect(UInt32(metric.rawValue), "metric")
    try reader.expect(UInt32(links.m), "m")
    try reader.expect(UInt32(rowCount), "row count")
    let header = Header(
      linkedCount: try reader.next(), entryRow: try reader.next(), entryLevel: try reader.next())
    for _ in 9..<GraphFormat.headerWords { try reader.expect(0, "unused word") }
    return header
  }

  private func readRow(_ row: UInt32, rowCount: Int, _ reader: inout WordReader) throws(VectorIndexError) {
    let level = try reader.next()
    if level == GraphFormat.none { return }
    guard level <= HNSWParameters.maximumLevel else { throw reader.damaged("level \(level) of row \(row)") }
    links.setLevel(Int(level), of: row)
    guard links.level(row) == Int(level) else { throw .outOfMemory(bytes: Int(level) * links.m * 4) }
    let parent = try reader.next()
    guard parent == GraphFormat.none || parent < rowCount && parent != row else {
      throw reader.damaged("parent \(parent) of row \(row)")
    }
    links.setParent(parent, of: row)
    for level in 0...Int(level) {
      let count = try reader.next()
      guard count <= links.limit(level) else { throw reader.damaged("\(count) links of row \(row)") }
      let list = links.links(row, level: level)
      for _ in 0..<count {
        let id = try reader.next()
        guard id < rowCount, id != row else { throw reader.damaged("link to \(id) of row \(row)") }
        list.append(id)
      }
    }
    pending.markLinked(row)
  }

  /// Links lead to nodes of their level, each once. Sets the tree marks and the in-degrees.
  private func checkLinks(rowCount: Int, _ reader: WordReader) throws(VectorIndexError) {
    var lastSeen = [UInt64](repeating: .max, count: rowCount)
    for row in 0..<UInt32(rowCount) where pending.isLinked(row) {
      for level in 0...links.level(row) {
        let list = links.links(row, level: level)
        for i in 0..<list.count {
          let id = list.ids[i]
          guard pending.isLinked(id), links.level(id) >= level else {
            throw reader.damaged("link of row \(row) to \(id), not at level \(level)")
          }
          let stamp = UInt64(row) << 8 | UInt64(level)
          guard lastSeen[Int(id)] != stamp else { throw reader.damaged("link of row \(row) to \(id) twice") }
          lastSeen[Int(id)] = stamp
          guard level == 0 else { continue }
          links.addInDegree(1, to: id)
          if links.parent(row) == id || links.parent(id) == row { list.set(id | ~rowMask, at: i) }
        }
      }
    }
  }

  /// One root; every other node has a marked link to and from its parent; no circles.
  private func checkTree(rowCount: Int, _ reader: WordReader) throws(VectorIndexError) {
    var roots = 0
    var nodes = 0
    var edges = 0
    var settled = [Bool](repeating: false, count: rowCount)
    var path: [UInt32] = []
    for first in 0..<UInt32(rowCount) where pending.isLinked(first) {
      nodes += 1
      if links.parent(first) == LinkStore.noParent { roots += 1 }
      let list = links.links(first, level: 0)
      for i in 0..<list.count where list.ids[i] & ~rowMask != 0 { edges += 1 }
      path.removeAll(keepingCapacity: true)
      var row = first
      while row != LinkStore.noParent, !settled[Int(row)] {
        guard path.count <= rowCount, pending.isLinked(row) else { throw reader.damaged("no tree above row \(first)") }
        path.append(row)
        row = links.parent(row)
      }
      for row in path { settled[Int(row)] = true }
    }
    // A link is marked once from the child and once from the parent, and a parent's link to a child is marked by the
    // child: as many as twice the nodes but one only if none is missing.
    guard roots == min(nodes, 1), edges == 2 * max(nodes - 1, 0) else {
      throw reader.damaged("a tree of \(nodes) rows with \(roots) roots and \(edges) links")
    }
  }

  private func publish(_ header: Header, rowCount: Int, _ reader: WordReader) throws(VectorIndexError) {
    var highest = -1
    var count = 0
    var firstWaiting = rowCount
    for row in 0..<UInt32(rowCount) {
      if pending.isLinked(row) {
        highest = max(highest, links.level(row))
        count += 1
      } else {
        firstWaiting = min(firstWaiting, Int(row))
      }
    }
    guard count == Int(header.linkedCount) else { throw reader.damaged("\(count) rows linked, not as many as said") }
    if count > 0 {
      guard header.entryRow < rowCount, pending.isLinked(header.entryRow), Int(header.entryLevel) == highest,
        links.level(header.entryRow) == highest
      else { throw reader.damaged("entry row \(header.entryRow)") }
      entryPoint.store(EntryPoint.pack(row: header.entryRow, level: highest), ordering: .releasing)
    } else if header.entryRow != GraphFormat.none || header.entryLevel != GraphFormat.none {
      throw reader.damaged("an entry row but no rows")
    }
    linked.store(count, ordering: .releasing)
    claimed.store(firstWaiting, ordering: .releasing)
    publishedRowCount.store(rowCount, ordering: .releasing)
  }
}

/// Words one after the other, with the place for the error.
private struct WordReader {
  let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var atEnd: Bool { offset == bytes.count }

  mutating func next() throws(VectorIndexError) -> UInt32 {
    guard bytes.count - offset >= 4 else { throw damaged("the end is missing") }
    defer { offset += 4 }
    return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  mutating func expect(_ word: UInt32, _ name: String) throws(VectorIndexError) {
    let found = try next()
    guard found == word else { throw damaged("\(name) \(found), expected \(word)") }
  }

  func damaged(_ reason: String) -> VectorIndexError { .damagedSnapshot(reason: reason, offset: offset) }
}
