import ChromaModel

extension RecordBatch {
  /// Some of the batch's rows. Its vectors are one run of the buffer when every row has its own.
  func part(_ rows: Range<Int>) -> RecordBatch {
    RecordBatch(
      ids: Array(ids[rows]), embeddings: embeddings?.part(rows), documents: documents.map { Array($0[rows]) },
      uris: uris.map { Array($0[rows]) }, metadatas: metadatas.map { Array($0[rows]) })
  }
}

extension RecordBatch {
  /// Runs of records that hold no more than so many records and weigh no more than so many bytes, except a record that
  /// alone weighs more.
  func ranges(ofRecords limit: Int, bytes: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    var weight = 0
    for row in ids.indices {
      let own = self.weight(row)
      if row > start, row - start == limit || weight + own > bytes {
        ranges.append(start..<row)
        start = row
        weight = 0
      }
      weight += own
    }
    if start < ids.count { ranges.append(start..<ids.count) }
    return ranges
  }

  /// About the bytes a record takes in a request.
  private func weight(_ row: Int) -> Int {
    var weight = 32 + ids[row].utf8.count
    weight += (documents?[row]?.utf8.count ?? 0) + (uris?[row]?.utf8.count ?? 0)
    // Base64 of four bytes.
    weight += (embeddings?.range(row)?.count ?? 0) * 16 / 3
    for (key, value) in metadatas?[row] ?? [:] {
      weight += 24 + key.utf8.count
      switch value {
      case .string(let text)?: weight += text.utf8.count
      case .strings(let texts)?: weight += texts.reduce(0) { $0 + $1.utf8.count + 3 }
      case .ints(let values)?: weight += values.count * 20
      case .floats(let values)?: weight += values.count * 24
      case .bools(let values)?: weight += values.count * 6
      case .sparseVector(let sparse)?: weight += sparse.indices.count * 24
      case .bool?, .int?, .float?, nil: break
      }
    }
    return weight
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
