public import ChromaModel

extension Engine {
  public func add(_ batch: RecordBatch, to id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try await write(.add(batch), id, path)
  }

  public func update(_ batch: RecordBatch, in id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try await write(.update(batch), id, path)
  }

  public func upsert(_ batch: RecordBatch, to id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try await write(.upsert(batch), id, path)
  }

  private func write(_ operation: WriteOperation, _ id: Identifier, _ path: DatabasePath) async throws(ChromaError) {
    _ = try await withCollection(id, in: path) { (collection) throws(ChromaError) in
      if let batch = operation.batch {
        try collection.checkGrowth(
          by: batch.ids.count, dimension: batch.embeddings?.dimension ?? 0, budget: configuration.memoryBudget)
        try await gate.admit(batch.byteCount) { startRelief() }
      }
      return try await collection.write(operation)
    }
  }

  public func delete(
    _ request: DeleteRequest, from id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> Int {
    try await withCollection(id, in: path) { (collection) throws(ChromaError) in
      try await collection.write(.delete(request))
    }
  }

  public func count(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> Int {
    try await withCollection(id, in: path) { (collection) throws(ChromaError) in collection.count }
  }

  public func indexingStatus(
    _ id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> IndexingStatus {
    try await withCollection(id, in: path) { (collection) throws(ChromaError) in collection.indexingStatus }
  }

  public func get(
    _ request: GetRequest, from id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> GetResult {
    try await withCollection(id, in: path) { (collection) throws(ChromaError) in try await collection.get(request) }
  }

  public func query(
    _ request: QueryRequest, in id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> QueryResult {
    try await withCollection(id, in: path) { (collection) throws(ChromaError) in try await collection.query(request) }
  }
}
