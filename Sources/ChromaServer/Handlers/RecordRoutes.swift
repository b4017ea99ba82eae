import ChromaAccess
import ChromaModel
import Hummingbird

extension Route {
  private static func pattern(_ verb: String) -> RoutePattern { RoutePattern("\(RoutePattern.collection)/\(verb)") }

  static let records: [Route] = [add, update, upsert, delete, count, indexingStatus, get, query]

  static let add = Route(
    .post, pattern("add"), .action(.add), "Adds records; existing ids stay as they are", isBrief: true
  ) { call in
    let write = try await call.write(.add)
    try await call.api.add(write.batch, to: write.id, in: write.path)
    return call.added()
  }

  static let update = Route(
    .post, pattern("update"), .action(.update), "Changes records; unknown ids are passed over", isBrief: true
  ) { call in
    let write = try await call.write(.update)
    try await call.api.update(write.batch, in: write.id, in: write.path)
    return call.done()
  }

  static let upsert = Route(
    .post, pattern("upsert"), .action(.upsert), "Adds or changes records", isBrief: true
  ) { call in
    let write = try await call.write(.upsert)
    try await call.api.upsert(write.batch, to: write.id, in: write.path)
    return call.done()
  }

  static let delete = Route(.post, pattern("delete"), .action(.delete), "Deletes records") { call in
    let path = try call.database()
    let dialect = call.dialect
    let body = try await call.decode { (reader) throws(ChromaError) in try DeleteBody(from: &reader, dialect) }
    let id = try call.collectionID()
    let request = try await call.unlessMissing(id, path) { () throws(ChromaError) in
      try body.request(within: call.configuration.limits)
    }
    guard let request else {
      _ = try await call.api.collection(id, in: path)
      return call.deleted(0)
    }
    return call.deleted(try await call.api.delete(request, from: id, in: path))
  }

  static let count = Route(
    .get, pattern("count"), .action(.count), "How many records a collection has", isBrief: true
  ) { call in
    let path = try call.database()
    try call.query().variant("read_level", of: ["index_and_wal", "index_only", "index_and_bounded_wal"])
    return Response(.int(Int64(try await call.api.count(try call.collectionID(), in: path))))
  }

  static let indexingStatus = Route(
    .get, pattern("indexing_status"), .action(.count), "How far the index is behind the writes"
  ) { call in
    let status = try await call.api.indexingStatus(try call.collectionID(), in: try call.database())
    return Response([
      "op_indexing_progress": .double(status.progress), "total_ops": .int(Int64(status.total)),
      "num_indexed_ops": .int(Int64(status.indexed)), "num_unindexed_ops": .int(Int64(status.total - status.indexed)),
    ])
  }

  static let get = Route(
    .post, pattern("get"), .action(.get), "Records by id or filter, in the order of insertion"
  ) { call in
    let path = try call.database()
    let dialect = call.dialect
    let body = try await call.decode { (reader) throws(ChromaError) in try GetBody(from: &reader, dialect) }
    let id = try call.collectionID()
    let request = try await call.unlessMissing(id, path) { () throws(ChromaError) in
      try body.request(within: call.configuration.limits)
    }
    return call.answer(try await call.api.get(request, from: id, in: path))
  }

  static let query = Route(
    .post, pattern("query"), .action(.query), "The records nearest to each vector", isBrief: true
  ) { call in
    let path = try call.database()
    let dialect = call.dialect
    let body = try await call.decode { (reader) throws(ChromaError) in try QueryBody(from: &reader, dialect) }
    let id = try call.collectionID()
    // A filter may have patterns to compile, for which other connections of the event loop would wait.
    let request =
      body.filter.hasClauses
      ? try await withTaskExecutorPreference(globalConcurrentExecutor) { try await call.request(body, id, path) }
      : try await call.request(body, id, path)
    if body.isRagged { return call.answer(try await call.answerRagged(body, request, id, path)) }
    return call.answer(try await call.api.query(request, in: id, in: path))
  }
}

extension Call {
  /// Receives the body of a write and checks all that can be checked without the records.
  fileprivate func write(
    _ operation: WriteRequest.Operation
  ) async throws -> (batch: RecordBatch, id: Identifier, path: DatabasePath) {
    let path = try database()
    let request = try await decode { (reader) throws(ChromaError) in try WriteRequest(operation, from: &reader) }
    let id = try collectionID()
    try configuration.limits.check(records: request.batch.ids.count)
    if let complaint = request.complaint { throw complaint.error(for: try await api.collection(id, in: path)) }
    return (request.batch, id, path)
  }

  /// What `make` returns. Of a collection that does not exist that is said first, before what `make` throws.
  fileprivate func unlessMissing<Value>(
    _ id: Identifier, _ path: DatabasePath, make: () throws(ChromaError) -> Value
  ) async throws(ChromaError) -> Value {
    do {
      return try make()
    } catch {
      _ = try await api.collection(id, in: path)
      throw error
    }
  }

  fileprivate func request(
    _ body: QueryBody, _ id: Identifier, _ path: DatabasePath
  ) async throws(ChromaError) -> QueryRequest {
    try await unlessMissing(id, path) { () throws(ChromaError) in try body.request(within: configuration.limits) }
  }

  /// Vectors of different lengths fit no collection that has a dimension; one that has none answers with nothing.
  fileprivate func answerRagged(
    _ body: QueryBody, _ request: QueryRequest, _ id: Identifier, _ path: DatabasePath
  ) async throws(ChromaError) -> QueryResult {
    let collection = try await api.collection(id, in: path)
    if let expected = collection.dimension {
      let length = body.embeddings.lengths.first { $0 != expected } ?? 0
      throw .wrongDimension(expected: expected, given: length)
    }
    let count = body.embeddings.lengths.count
    return QueryResult(
      records: Array(repeating: RecordColumns(), count: count), distances: Array(repeating: [], count: count),
      include: request.include, explanation: request.explain ? QueryExplanation(plan: .none) : nil)
  }
}
