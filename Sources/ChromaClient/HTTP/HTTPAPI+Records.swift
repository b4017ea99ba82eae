public import ChromaModel
import NIOCore

extension HTTPAPI {
  public func add(_ batch: RecordBatch, to id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    // May be repeated, since ids that exist are left as they are: of an add that was carried out and whose answer was
    // lost, the second finds every id there and changes nothing.
    try await write(batch, try recordsPath(id, in: path, "add"))
  }

  public func update(_ batch: RecordBatch, in id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try await write(batch, try recordsPath(id, in: path, "update"))
  }

  public func upsert(_ batch: RecordBatch, to id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try await write(batch, try recordsPath(id, in: path, "upsert"))
  }

  private func write(_ batch: RecordBatch, _ path: HTTPPath) async throws(ChromaError) {
    let takesBase64 = batch.embeddings == nil ? false : try await preflightChecks().takesBase64
    let body = try batch.json(base64: takesBase64)
    try await exchange.perform(.post(path, body, isRepeatable: true))
  }

  public func delete(
    _ request: DeleteRequest, from id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> Int {
    // By ids alone: a second one deletes nothing and answers the same. One by a test would answer what the second found,
    // and with a limit delete that many again.
    let call = HTTPCall.post(
      try recordsPath(id, in: path, "delete"), try request.json(), isRepeatable: request.filter.predicate == nil)
    return try await ask(call) { (json) throws(ShapeProblem) in
      // Servers before 1.5 do not count.
      json.count("deleted") ?? 0
    }
  }

  public func count(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> Int {
    try await askForCount(.get(try recordsPath(id, in: path, "count")))
  }

  public func indexingStatus(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> IndexingStatus {
    try await ask(.get(try recordsPath(id, in: path, "indexing_status"))) { (json) throws(ShapeProblem) in
      try IndexingStatus(json: json)
    }
  }

  public func get(
    _ request: GetRequest, from id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> GetResult {
    let call = HTTPCall.post(try recordsPath(id, in: path, "get"), try request.json(), isRepeatable: true)
    return try await exchange.read(call) { (cursor) throws(JSONError) in try GetResult(from: &cursor) }
  }

  public func query(
    _ request: QueryRequest, in id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> QueryResult {
    let call = HTTPCall.post(try recordsPath(id, in: path, "query"), try request.json(), isRepeatable: true)
    return try await exchange.read(call) { (cursor) throws(JSONError) in try QueryResult(from: &cursor) }
  }
}
