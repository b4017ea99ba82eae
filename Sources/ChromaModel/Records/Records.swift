/// Records to write, column by column as they come over the wire. Columns other than `ids` may be absent.
public struct RecordBatch: Sendable, Hashable {
  public var ids: [String]
  public var embeddings: EmbeddingBatch?
  public var documents: [String?]?
  public var uris: [String?]?
  public var metadatas: [MetadataUpdate?]?

  public init(
    ids: [String], embeddings: EmbeddingBatch? = nil, documents: [String?]? = nil, uris: [String?]? = nil,
    metadatas: [MetadataUpdate?]? = nil
  ) {
    self.ids = ids
    self.embeddings = embeddings
    self.documents = documents
    self.uris = uris
    self.metadatas = metadatas
  }
}

/// Which records an operation is about: those that pass both tests.
public struct RecordFilter: Sendable, Hashable {
  /// `nil` is no test; an empty list lets nothing pass. Repeats count once.
  public var ids: [String]?
  public var predicate: Where?

  public init(ids: [String]? = nil, predicate: Where? = nil) {
    self.ids = ids
    self.predicate = predicate
  }
}

/// Columns an answer may hold besides the ids.
public enum Include: String, Sendable, Hashable, CaseIterable {
  case distances, documents, embeddings, metadatas, uris
}

public struct GetRequest: Sendable, Hashable {
  public var filter: RecordFilter
  public var limit: Int?
  public var offset: Int
  /// As sent, repeats and all: the answer echoes it.
  public var include: [Include]

  public init(
    filter: RecordFilter = RecordFilter(), limit: Int? = nil, offset: Int = 0,
    include: [Include] = [.documents, .metadatas]
  ) {
    self.filter = filter
    self.limit = limit
    self.offset = offset
    self.include = include
  }
}

public struct QueryRequest: Sendable, Hashable {
  /// One vector for each question. Values may be infinite where the text overflowed Float32.
  public var embeddings: EmbeddingBatch
  public var nResults: Int
  public var filter: RecordFilter
  public var include: [Include]
  /// Whether the answer says how it was found. An extension of the protocol.
  public var explain: Bool

  public init(
    embeddings: EmbeddingBatch, nResults: Int = 10, filter: RecordFilter = RecordFilter(),
    include: [Include] = [.documents, .metadatas, .distances], explain: Bool = false
  ) {
    self.embeddings = embeddings
    self.nResults = nResults
    self.filter = filter
    self.include = include
    self.explain = explain
  }
}

public struct DeleteRequest: Sendable, Hashable {
  public var filter: RecordFilter
  /// Only with a predicate: the oldest that many matches go.
  public var limit: Int?

  public init(filter: RecordFilter, limit: Int? = nil) {
    self.filter = filter
    self.limit = limit
  }
}

/// Records by column. A column is `nil` when it was not asked for.
public struct RecordColumns: Sendable, Hashable {
  public var ids: [String]
  public var embeddings: EmbeddingBatch?
  public var documents: [String?]?
  public var uris: [String?]?
  public var metadatas: [Metadata?]?

  public init(
    ids: [String] = [], embeddings: EmbeddingBatch? = nil, documents: [String?]? = nil, uris: [String?]? = nil,
    metadatas: [Metadata?]? = nil
  ) {
    self.ids = ids
    self.embeddings = embeddings
    self.documents = documents
    self.uris = uris
    self.metadatas = metadatas
  }
}

public struct GetResult: Sendable, Hashable {
  /// In the order the records were first added.
  public var records: RecordColumns
  public var include: [Include]

  public init(records: RecordColumns, include: [Include]) {
    self.records = records
    self.include = include
  }
}

public struct QueryResult: Sendable, Hashable {
  /// For each question its records, nearest first.
  public var records: [RecordColumns]
  /// For each question its distances, ascending; `nil` when they were not asked for.
  public var distances: [[Float]]?
  public var include: [Include]
  /// How it was found, when that was asked for.
  public var explanation: QueryExplanation?

  public init(
    records: [RecordColumns], distances: [[Float]]?, include: [Include], explanation: QueryExplanation? = nil
  ) {
    self.records = records
    self.distances = distances
    self.include = include
    self.explanation = explanation
  }
}
