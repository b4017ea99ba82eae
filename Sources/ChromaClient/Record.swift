/// One record of an answer; what was not asked for is `nil`.
public struct Record: Sendable, Hashable, Identifiable {
  public var id: String
  public var document: String?
  public var metadata: Metadata?
  public var uri: String?
  public var embedding: [Float]?

  public init(
    id: String, document: String? = nil, metadata: Metadata? = nil, uri: String? = nil, embedding: [Float]? = nil
  ) {
    self.id = id
    self.document = document
    self.metadata = metadata
    self.uri = uri
    self.embedding = embedding
  }
}

/// A record near a question.
public struct Match: Sendable, Hashable, Identifiable {
  public var record: Record
  /// In the collection's space: squared L2, 1 − cosine, or 1 − inner product. `nil` when it was not asked for.
  public var distance: Float?

  public var id: String { record.id }

  public init(record: Record, distance: Float? = nil) {
    self.record = record
    self.distance = distance
  }
}

extension RecordColumns {
  /// The columns' records, row by row. A column shorter than `ids` has nothing to say of the rest.
  var rows: [Record] {
    ids.indices.map { row in
      Record(
        id: ids[row],
        document: documents.flatMap { row < $0.count ? $0[row] : nil },
        metadata: metadatas.flatMap { row < $0.count ? $0[row] : nil },
        uri: uris.flatMap { row < $0.count ? $0[row] : nil },
        embedding: embeddings.flatMap { row < $0.count ? $0.vector(row).map(Array.init) : nil })
    }
  }
}
