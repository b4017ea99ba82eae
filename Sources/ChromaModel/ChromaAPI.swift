/// Everything Chroma can be asked, whoever answers: the engine in this process, or a server over HTTP.
///
/// A write that returns is on stable storage and visible to every read that starts afterwards.
/// Every method throws ``ChromaError`` and nothing else.
public protocol ChromaAPI: Sendable {
  // MARK: System

  /// Nanoseconds since 1970.
  func heartbeat() async throws(ChromaError) -> Int64
  /// The largest batch a client is advised to send; larger ones are accepted.
  func maxBatchSize() async throws(ChromaError) -> Int
  /// Whether records can be read and written now.
  func isReady() async -> Bool
  /// Removes everything but the default tenant and database. `permissionDenied` unless configured.
  func reset() async throws(ChromaError)

  // MARK: Tenants and databases

  func createTenant(_ name: String) async throws(ChromaError)
  func tenant(_ name: String) async throws(ChromaError) -> Tenant
  func updateTenant(_ name: String, resourceName: String) async throws(ChromaError)

  func createDatabase(_ path: DatabasePath) async throws(ChromaError)
  func database(_ path: DatabasePath) async throws(ChromaError) -> Database
  /// By name. Of an unknown tenant: none.
  func databases(tenant: String, limit: Int?, offset: Int) async throws(ChromaError) -> [Database]
  /// With all its collections.
  func deleteDatabase(_ path: DatabasePath) async throws(ChromaError)

  // MARK: Collections

  func createCollection(_ request: CreateCollectionRequest, in path: DatabasePath) async throws(ChromaError)
    -> CollectionInfo
  func collection(named name: String, in path: DatabasePath) async throws(ChromaError) -> CollectionInfo
  func collection(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> CollectionInfo
  /// Wherever it is: API v1 names a collection by its id alone.
  func collection(_ id: Identifier) async throws(ChromaError) -> CollectionInfo
  /// By id. Of an unknown database: none.
  func collections(in path: DatabasePath, limit: Int?, offset: Int) async throws(ChromaError) -> [CollectionInfo]
  func countCollections(in path: DatabasePath) async throws(ChromaError) -> Int
  func updateCollection(_ id: Identifier, in path: DatabasePath, _ request: UpdateCollectionRequest)
    async throws(ChromaError)
  func deleteCollection(named name: String, in path: DatabasePath) async throws(ChromaError)

  // MARK: Records

  /// Stores new records; ids that exist already are left as they are.
  func add(_ batch: RecordBatch, to id: Identifier, in path: DatabasePath) async throws(ChromaError)
  /// Changes records field by field; unknown ids are passed over.
  func update(_ batch: RecordBatch, in id: Identifier, in path: DatabasePath) async throws(ChromaError)
  /// Changes the records that exist and adds the others.
  func upsert(_ batch: RecordBatch, to id: Identifier, in path: DatabasePath) async throws(ChromaError)
  /// - Returns: how many records matched; for ids alone, how many ids were given.
  func delete(_ request: DeleteRequest, from id: Identifier, in path: DatabasePath) async throws(ChromaError) -> Int
  func count(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> Int
  /// How far the vector index is behind the writes. Searches are right meanwhile: what waits is scanned.
  func indexingStatus(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> IndexingStatus
  func get(_ request: GetRequest, from id: Identifier, in path: DatabasePath) async throws(ChromaError) -> GetResult
  func query(_ request: QueryRequest, in id: Identifier, in path: DatabasePath) async throws(ChromaError) -> QueryResult
}
