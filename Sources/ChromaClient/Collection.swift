public import ChromaModel
public import Embeddings

/// A handle on one collection, with the embedding function that turns its texts into vectors.
///
/// Writes are cut into batches of the server's `max_batch_size` and of some 16 MB; each batch is stored whole or not at all, and what was
/// stored before one fails stays. Every write but ``add(ids:documents:embeddings:metadatas:uris:)`` may be repeated
/// without harm; adding leaves ids that exist as they are.
public struct Collection: Sendable {
  public let info: CollectionInfo
  public let embeddingFunction: (any EmbeddingFunction)?
  let api: any ChromaAPI

  public init(info: CollectionInfo, api: any ChromaAPI, embeddingFunction: (any EmbeddingFunction)? = nil) {
    self.info = info
    self.api = api
    self.embeddingFunction = embeddingFunction
  }

  public var id: Identifier { info.id }
  public var name: String { info.name }
  public var metadata: Metadata? { info.metadata }

  // MARK: Writing

  /// Stores new records; ids that exist already are left as they are.
  ///
  /// - Parameters:
  ///   - documents: embedded by the embedding function unless `embeddings` are given.
  ///   - embeddings: one for each id.
  /// - Throws: `invalidArgument` when the columns differ in length, or when there are neither vectors nor documents to
  ///   embed.
  public func add(
    ids: [String], documents: [String?]? = nil, embeddings: EmbeddingBatch? = nil, metadatas: [Metadata?]? = nil,
    uris: [String?]? = nil
  ) async throws {
    let batch = try await self.batch(
      ids: ids, documents: documents, embeddings: embeddings, metadatas: metadatas?.map { $0?.asUpdate }, uris: uris)
    for part in try await parts(batch) { try await cancellable { try await api.add(part, to: id, in: info.path) } }
  }

  /// Changes the records that exist and adds the others. As ``add(ids:documents:embeddings:metadatas:uris:)`` otherwise.
  public func upsert(
    ids: [String], documents: [String?]? = nil, embeddings: EmbeddingBatch? = nil,
    metadatas: [MetadataUpdate?]? = nil, uris: [String?]? = nil
  ) async throws {
    let batch = try await self.batch(
      ids: ids, documents: documents, embeddings: embeddings, metadatas: metadatas, uris: uris)
    for part in try await parts(batch) { try await cancellable { try await api.upsert(part, to: id, in: info.path) } }
  }

  /// Changes records field by field; unknown ids are passed over. Documents given without vectors are embedded anew.
  ///
  /// - Parameter metadatas: key by key: a value replaces, `nil` removes the key.
  public func update(
    ids: [String], documents: [String?]? = nil, embeddings: EmbeddingBatch? = nil,
    metadatas: [MetadataUpdate?]? = nil, uris: [String?]? = nil
  ) async throws {
    let batch = try await self.batch(
      ids: ids, documents: documents, embeddings: embeddings, metadatas: metadatas, uris: uris, mayLackVectors: true)
    for part in try await parts(batch) { try await cancellable { try await api.update(part, in: id, in: info.path) } }
  }

  /// Removes the records of the given ids that pass the test; either may be left out, not both.
  ///
  /// - Parameter limit: only with a test: the oldest that many matches go.
  /// - Returns: how many records matched; for ids alone, how many ids were given.
  @discardableResult
  public func delete(ids: [String]? = nil, where predicate: Where? = nil, limit: Int? = nil) async throws -> Int {
    guard ids != nil || predicate != nil else { throw ChromaError.invalid("Name ids or a test of what to delete") }
    guard limit == nil || predicate != nil else {
      throw ChromaError.invalid("A limit of a deletion goes with a test, not with ids alone")
    }
    try check(("limit", limit))
    let request = DeleteRequest(filter: RecordFilter(ids: ids, predicate: predicate), limit: limit)
    return try await cancellable { try await api.delete(request, from: id, in: info.path) }
  }

  // MARK: Reading

  public func count() async throws -> Int { try await cancellable { try await api.count(id, in: info.path) } }
  public func indexingStatus() async throws -> IndexingStatus {
    try await cancellable { try await api.indexingStatus(id, in: info.path) }
  }

  /// The records that pass, in the order they were first added.
  public func get(
    ids: [String]? = nil, where predicate: Where? = nil, limit: Int? = nil, offset: Int = 0,
    include: [Include] = [.documents, .metadatas]
  ) async throws -> [Record] {
    try check(("limit", limit), ("offset", offset))
    let request = GetRequest(
      filter: RecordFilter(ids: ids, predicate: predicate), limit: limit, offset: offset, include: include)
    return try await cancellable { try await api.get(request, from: id, in: info.path) }.records.rows
  }

  /// The first records of the collection.
  public func peek(_ limit: Int = 10) async throws -> [Record] {
    try await get(limit: limit, include: [.documents, .metadatas, .embeddings])
  }

  /// The records nearest to a text, nearest first.
  ///
  /// - Throws: `invalidArgument` when the handle has no embedding function.
  public func query(
    _ text: String, limit: Int = 10, ids: [String]? = nil, where predicate: Where? = nil,
    include: [Include] = [.documents, .metadatas, .distances]
  ) async throws -> [Match] {
    try await query([text], limit: limit, ids: ids, where: predicate, include: include).first ?? []
  }

  /// For each text the records nearest to it.
  public func query(
    _ texts: [String], limit: Int = 10, ids: [String]? = nil, where predicate: Where? = nil,
    include: [Include] = [.documents, .metadatas, .distances]
  ) async throws -> [[Match]] {
    guard !texts.isEmpty else { return [] }
    let embeddings = try await embed(texts)
    return try await query(embeddings, limit: limit, ids: ids, where: predicate, include: include)
  }

  /// For each vector the records nearest to it.
  public func query(
    _ embeddings: EmbeddingBatch, limit: Int = 10, ids: [String]? = nil, where predicate: Where? = nil,
    include: [Include] = [.documents, .metadatas, .distances]
  ) async throws -> [[Match]] {
    try check(("limit", limit))
    let request = QueryRequest(
      embeddings: embeddings, nResults: limit, filter: RecordFilter(ids: ids, predicate: predicate), include: include)
    let result = try await cancellable { try await api.query(request, in: id, in: info.path) }
    return result.records.enumerated().map { question, columns in
      let distances = result.distances.flatMap { question < $0.count ? $0[question] : nil }
      return columns.rows.enumerated().map { row, record in
        Match(record: record, distance: distances.flatMap { row < $0.count ? $0[row] : nil })
      }
    }
  }

  // MARK: The collection itself

  /// Renames the collection, or replaces its metadata.
  ///
  /// - Returns: a handle with what is true now.
  public func modify(name: String? = nil, metadata: MetadataUpdate? = nil) async throws -> Collection {
    let request = UpdateCollectionRequest(newName: name, newMetadata: metadata)
    let info = try await cancellable {
      try await api.updateCollection(id, in: self.info.path, request)
      return try await api.collection(id, in: self.info.path)
    }
    return Collection(info: info, api: api, embeddingFunction: embeddingFunction)
  }

  // MARK: -

  /// Counts of the wire, which are 32 bits without sign.
  private func check(_ counts: (name: String, value: Int?)...) throws {
    for case (let name, let value?) in counts where UInt32(exactly: value) == nil {
      throw ChromaError.invalid("\(name) is \(value); it must be from 0 to \(UInt32.max)")
    }
  }

  private func embed(_ texts: [String]) async throws -> EmbeddingBatch {
    guard let embeddingFunction else {
      throw ChromaError.invalid(
        "Collection \(name) was opened without an embedding function: give it one, or pass embeddings")
    }
    let embeddings = try await embeddingFunction.embed(texts)
    guard embeddings.count == texts.count else {
      throw ChromaError.invalid(
        "The embedding function \(embeddingFunction.name) made \(embeddings.count) vectors of \(texts.count) texts")
    }
    try Task.checkCancellation()
    return embeddings
  }

  private func batch(
    ids: [String], documents: [String?]?, embeddings: EmbeddingBatch?, metadatas: [MetadataUpdate?]?, uris: [String?]?,
    mayLackVectors: Bool = false
  ) async throws -> RecordBatch {
    for (column, count) in [
      ("documents", documents?.count), ("embeddings", embeddings?.count), ("metadatas", metadatas?.count),
      ("uris", uris?.count),
    ] {
      guard let count, count != ids.count else { continue }
      throw ChromaError.invalid("\(ids.count) ids, but \(count) \(column)")
    }
    var batch = RecordBatch(
      ids: ids, embeddings: embeddings, documents: documents, uris: uris, metadatas: metadatas)
    if embeddings == nil, let documents {
      batch.embeddings = try await embed(present: documents, mayLackVectors: mayLackVectors)
    } else if embeddings == nil, !mayLackVectors {
      throw ChromaError.invalid("Records need embeddings, or documents to embed")
    }
    return batch
  }

  /// Vectors of the documents that are there.
  private func embed(present documents: [String?], mayLackVectors: Bool) async throws -> EmbeddingBatch? {
    let texts = documents.compactMap(\.self)
    if texts.count == documents.count { return texts.isEmpty ? nil : try await embed(texts) }
    guard mayLackVectors else {
      throw ChromaError.invalid("\(documents.count - texts.count) records have neither an embedding nor a document")
    }
    guard !texts.isEmpty else { return nil }
    var embeddings = try await embed(texts)
    var next = 0
    embeddings.slots = documents.map { document in
      guard document != nil else { return -1 }
      defer { next += 1 }
      return next
    }
    return embeddings
  }

  /// Cut to what the server takes at once; the batch itself where it is no larger, nothing of no records.
  private func parts(_ batch: RecordBatch) async throws -> [RecordBatch] {
    guard !batch.ids.isEmpty else { return [] }
    let limit = try await cancellable { try await api.maxBatchSize() }
    let ranges = batch.ranges(ofRecords: max(limit, 1), bytes: Self.bodyBytes)
    return ranges.count < 2 ? [batch] : ranges.map(batch.part)
  }

  /// What one request should weigh at most: servers refuse bodies of more than 40 MiB, and text may grow in JSON.
  private static let bodyBytes = 16 << 20
}
