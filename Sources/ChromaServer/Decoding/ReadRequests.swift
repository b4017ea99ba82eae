import ChromaModel

/// The filter of a read or delete: parsed only when the collection is known to exist, as Chroma does.
struct FilterFields: Sendable {
  var ids: [String]?
  private var metadataClause: JSONValue?
  private var documentClause: JSONValue?

  static let names = ["ids", "where", "where_document"]

  /// There are conditions to read, with patterns perhaps.
  var hasClauses: Bool { metadataClause != nil || documentClause != nil }

  /// - Parameter index: in ``names``.
  mutating func read(_ index: Int, from reader: inout BodyReader) throws(ChromaError) {
    switch index {
    case 0: ids = try reader.takeNull() ? nil : try reader.strings("ids")
    case 1: metadataClause = try reader.value()
    default: documentClause = try reader.value()
    }
  }

  func filter(within limits: RequestLimits) throws(ChromaError) -> RecordFilter {
    try limits.check(filter: metadataClause)
    try limits.check(filter: documentClause)
    return RecordFilter(
      ids: ids, predicate: .both(try Where.parse(metadataClause), try Where.parseDocument(documentClause)))
  }
}

/// The body of `get`.
struct GetBody: Sendable {
  var filter = FilterFields()
  var limit: Int?
  var offset = 0
  var include: [Include] = [.documents, .metadatas]

  /// - Parameter dialect: before 1.0, a limit of 0 was none.
  init(from reader: inout BodyReader, _ dialect: Dialect = .modern) throws(ChromaError) {
    var this = (filter: FilterFields(), limit: Int?.none, offset: 0, include: [Include.documents, .metadatas])
    try reader.object(
      "GetRequestPayload", fields: FilterFields.names + ["limit", "offset", "include"], required: []
    ) { (reader, field) throws(ChromaError) in
      switch field {
      case 3: this.limit = try reader.takeNull() ? nil : try reader.count("limit")
      case 4: this.offset = try reader.takeNull() ? 0 : try reader.count("offset")
      case 5: this.include = try reader.include("include", dialect)
      default: try this.filter.read(field, from: &reader)
      }
    }
    (filter, limit, offset, include) = this
    if dialect.isClassic, limit == 0 { limit = nil }
  }

  func request(within limits: RequestLimits) throws(ChromaError) -> GetRequest {
    GetRequest(filter: try filter.filter(within: limits), limit: limit, offset: offset, include: include)
  }
}

/// The body of `query`.
struct QueryBody: Sendable {
  var embeddings = EmbeddingReader()
  var filter = FilterFields()
  var nResults = 10
  var include: [Include] = [.documents, .metadatas, .distances]
  /// An extension: the answer says how it was found.
  var explain = false

  init(from reader: inout BodyReader, _ dialect: Dialect = .modern) throws(ChromaError) {
    var vectors = EmbeddingReader()
    var this = (
      filter: FilterFields(), nResults: 10, include: [Include.documents, .metadatas, .distances], explain: false
    )
    try reader.object(
      "QueryRequestPayload", fields: FilterFields.names + ["query_embeddings", "n_results", "include", "explain"],
      required: ["query_embeddings"]
    ) { (reader, field) throws(ChromaError) in
      switch field {
      case 3: try vectors.read("query_embeddings", .query, from: &reader)
      case 4: this.nResults = try reader.takeNull() ? 10 : try reader.count("n_results")
      case 5: this.include = try reader.include("include", dialect)
      case 6: this.explain = try reader.takeNull() ? false : try reader.bool("explain")
      default: try this.filter.read(field, from: &reader)
      }
    }
    embeddings = vectors
    (filter, nResults, include, explain) = this
  }

  /// Vectors of different lengths, or of none: no batch can hold them, and they fit no collection.
  var isRagged: Bool { embeddings.commonLength.map { $0 == 0 && !embeddings.lengths.isEmpty } ?? true }

  func request(within limits: RequestLimits) throws(ChromaError) -> QueryRequest {
    try limits.check(results: nResults)
    return QueryRequest(
      embeddings: embeddings.batch(), nResults: nResults, filter: try filter.filter(within: limits), include: include,
      explain: explain)
  }
}

/// The body of `delete`.
struct DeleteBody: Sendable {
  var filter = FilterFields()
  var limit: Int?
  /// To name nothing is an error, as it was before 1.0.
  private let requiresTarget: Bool

  init(from reader: inout BodyReader, _ dialect: Dialect = .modern) throws(ChromaError) {
    var this = (filter: FilterFields(), limit: Int?.none)
    try reader.object(
      "DeleteCollectionRecordsPayload", fields: FilterFields.names + ["limit"], required: []
    ) { (reader, field) throws(ChromaError) in
      switch field {
      case 3: this.limit = try reader.takeNull() ? nil : try reader.count("limit")
      default: try this.filter.read(field, from: &reader)
      }
    }
    (filter, limit) = this
    requiresTarget = dialect.isClassic
  }

  /// - Returns: `nil` when the body names nothing at all, which deletes nothing.
  func request(within limits: RequestLimits) throws(ChromaError) -> DeleteRequest? {
    let filter = try filter.filter(within: limits)
    if requiresTarget, filter.predicate == nil, filter.ids?.isEmpty ?? true {
      throw .invalid("You must provide either ids, where, or where_document to delete.")
    }
    if filter.predicate == nil {
      guard limit == nil else {
        throw .invalid(
          "Validation error: limit, where: limit can only be specified when a where clause is provided")
      }
      guard let ids = filter.ids else { return nil }
      guard !ids.isEmpty else {
        throw .invalid("Validation error: ids, where: Either ids or where must be specified")
      }
    }
    return DeleteRequest(filter: filter, limit: limit)
  }
}
