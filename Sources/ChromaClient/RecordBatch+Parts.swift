import ChromaModel

extension RecordBatch {
  /// Some of the batch's rows. Its vectors are one run of the buffer when every row has its own.
  func part(_ rows: Range<Int>) -> RecordBatch {
    RecordBatch(
      ids: Array(ids[rows]), embeddings: embeddings?.part(rows), documents: documents.map { Array($0[rows]) },
      uris: uris.map { Array($0[rows]) }, metadatas: metadatas.map { Array($0[rows]) })
  }
}

extension EmbeddingBatch {
  func part(_ rows: Range<Int>) -> EmbeddingBatch {
    guard slots != nil else {
      return EmbeddingBatch(
        dimension: dimension, values: Array(values[rows.lowerBound * dimension..<rows.upperBound * dimension]))
    }
    var part = EmbeddingBatch(dimension: dimension, values: [], slots: [])
    for row in rows {
      guard let vector = vector(row) else {
        part.slots?.append(-1)
        continue
      }
      part.slots?.append(dimension > 0 ? part.values.count / dimension : 0)
      part.values += vector
    }
    return part
  }
}

extension [String: MetadataValue] {
  /// The same values as changes: each replaces what is there.
  var asUpdate: MetadataUpdate { mapValues { .some($0) } }
}
