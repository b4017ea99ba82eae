public import ChromaModel

extension HTTPAPI {
  public func createCollection(
    _ request: CreateCollectionRequest, in path: DatabasePath
  ) async throws(ChromaError) -> CollectionInfo {
    let call = HTTPCall.post(
      try databasePath(path).appending("collections"), try request.json(), isRepeatable: request.getOrCreate)
    return try await ask(call) { (json) throws(ShapeProblem) in try CollectionInfo(json: json) }
  }

  public func collection(named name: String, in path: DatabasePath) async throws(ChromaError) -> CollectionInfo {
    try await ask(.get(try collectionPath(name, in: path))) { (json) throws(ShapeProblem) in
      try CollectionInfo(json: json)
    }
  }

  public func collection(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> CollectionInfo {
    let place = try databasePath(path).appending("collections", "by-id", id.description)
    return try await ask(.get(place)) { (json) throws(ShapeProblem) in try CollectionInfo(json: json) }
  }

  /// - Throws: `unimplemented`: API v2 finds a collection only within its database.
  public func collection(_ id: Identifier) async throws(ChromaError) -> CollectionInfo {
    throw ChromaError(
      .unimplemented, "API v2 finds a collection by its id only within a database: name tenant and database as well")
  }

  public func collections(
    in path: DatabasePath, limit: Int?, offset: Int
  ) async throws(ChromaError) -> [CollectionInfo] {
    let place = try databasePath(path).appending("collections").query(("limit", limit), ("offset", offset))
    return try await askForList(.get(place)) { (json) throws(ShapeProblem) in try CollectionInfo(json: json) }
  }

  public func countCollections(in path: DatabasePath) async throws(ChromaError) -> Int {
    try await askForCount(.get(try databasePath(path).appending("collections_count")))
  }

  public func updateCollection(
    _ id: Identifier, in path: DatabasePath, _ request: UpdateCollectionRequest
  ) async throws(ChromaError) {
    let place = try databasePath(path).appending("collections", id.description)
    try await exchange.perform(.put(place, try request.json()))
  }

  public func deleteCollection(named name: String, in path: DatabasePath) async throws(ChromaError) {
    try await exchange.perform(.delete(try collectionPath(name, in: path)))
  }
}
