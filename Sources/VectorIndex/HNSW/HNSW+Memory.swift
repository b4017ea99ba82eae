/// Bytes an index takes, by what they are for: of rows that are there, not of room that nothing was written to.
package struct IndexMemory: Sendable, Hashable {
  /// Vectors in memory of the index's own.
  package var vectors = 0
  /// Vectors whose pages are a file's.
  package var vectorsMapped = 0
  package var codes = 0
  /// With the marks of which rows have theirs.
  package var links = 0

  package init(vectors: Int = 0, vectorsMapped: Int = 0, codes: Int = 0, links: Int = 0) {
    self.vectors = vectors
    self.vectorsMapped = vectorsMapped
    self.codes = codes
    self.links = links
  }
}

extension HNSWIndex {
  package var memory: IndexMemory {
    let rows = rowCount
    let mappedRows = min(rows, slab.chunks.fileChunkCount << slab.layout.shift)
    return IndexMemory(
      vectors: (rows - mappedRows) * slab.layout.rowBytes, vectorsMapped: mappedRows * slab.layout.rowBytes,
      codes: rows * slab.layout.codeBytes, links: links.bytes(rows: rows) + rows / 8)
  }

  /// Bytes that stay in memory for a row whose vector is in a file: codes and links.
  package var residentBytesPerRow: Int { slab.layout.codeBytes + LinkStore.nodeBytes(m0: parameters.m0) }

  /// Frees the memory that searches of all indexes keep for the next one.
  package static func dropScratch() { ScratchPool.shared.drop() }

  /// The same for an index that is not there yet.
  package static func residentBytesPerRow(dimension: Int, parameters: HNSWParameters) -> Int {
    VectorLayout(dimension: dimension, metric: .l2, usesCodes: parameters.usesCodes).codeBytes
      + LinkStore.nodeBytes(m0: parameters.m0)
  }
}
