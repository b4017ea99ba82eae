@_exported public import ChromaModel
public import Embeddings

/// Chroma, of one tenant and database: a server over HTTP, or the engine in this process.
///
///     let client = try await Client.connect()
///     let notes = try await client.getOrCreateCollection("notes", embeddingFunction: try MiniLM(.locate()))
///     try await notes.upsert(ids: ["a"], documents: ["The owl flies at dusk."])
///     let nearest = try await notes.query("birds of the night", limit: 3)
///
/// Values are cheap to copy and safe to share. Operations throw ``ChromaError``, what an embedding function throws,
/// or `CancellationError` soon after their task is cancelled.
public struct Client: Sendable {
  /// Who answers.
  public let api: any ChromaAPI
  public let path: DatabasePath
  private let close: @Sendable () async -> Void

  /// - Parameter close: ends what `api` holds; called by ``shutdown()``.
  public init(
    _ api: any ChromaAPI, path: DatabasePath = DatabasePath(), close: @escaping @Sendable () async -> Void = {}
  ) {
    self.api = api
    self.path = path
    self.close = close
  }

  /// The same Chroma, another database.
  public func database(_ database: String, tenant: String? = nil) -> Client {
    Client(api, path: DatabasePath(tenant: tenant ?? path.tenant, database: database), close: close)
  }

  /// Ends the connections, or closes the engine's files. Nothing may be asked of this client or its copies afterwards.
  public func shutdown() async { await close() }

  // MARK: System

  /// Nanoseconds since 1970, by the clock of whoever answers.
  public func heartbeat() async throws -> Int64 { try await cancellable { try await api.heartbeat() } }
  public func maxBatchSize() async throws -> Int { try await cancellable { try await api.maxBatchSize() } }
  /// Whether records can be read and written now.
  public func isReady() async -> Bool { await api.isReady() }
  /// What a server says of the API it speaks; `nil` of the engine in this process, which is asked in Swift.
  public func version() async throws -> String? {
    guard let server = api as? HTTPAPI else { return nil }
    return try await cancellable { try await server.version() }
  }
  /// Removes everything. `permissionDenied` unless the server allows it.
  public func reset() async throws { try await cancellable { try await api.reset() } }

  // MARK: Tenants and databases

  public func createTenant(_ name: String) async throws { try await cancellable { try await api.createTenant(name) } }
  public func tenant(_ name: String) async throws -> Tenant { try await cancellable { try await api.tenant(name) } }
  public func createDatabase(_ name: String) async throws {
    try await cancellable { try await api.createDatabase(other(name)) }
  }
  public func databaseInfo(_ name: String) async throws -> Database {
    try await cancellable { try await api.database(other(name)) }
  }
  public func databases(limit: Int? = nil, offset: Int = 0) async throws -> [Database] {
    try await cancellable { try await api.databases(tenant: path.tenant, limit: limit, offset: offset) }
  }
  /// With all its collections.
  public func deleteDatabase(_ name: String) async throws {
    try await cancellable { try await api.deleteDatabase(other(name)) }
  }

  private func other(_ database: String) -> DatabasePath { DatabasePath(tenant: path.tenant, database: database) }

  // MARK: Collections

  /// - Parameters:
  ///   - embeddingFunction: makes vectors of texts in the handle that is returned. The collection remembers nothing of it
  ///     unless `configuration` says so.
  ///   - configuration: index settings; defaults to squared L2, as Chroma does.
  /// - Throws: `alreadyExists` when the name is taken.
  public func createCollection(
    _ name: String, metadata: Metadata? = nil, configuration: ConfigurationRequest? = nil,
    embeddingFunction: (any EmbeddingFunction)? = nil
  ) async throws -> Collection {
    let request = CreateCollectionRequest(name: name, metadata: metadata, configuration: configuration)
    return collection(try await cancellable { try await api.createCollection(request, in: path) }, embeddingFunction)
  }

  /// The collection of that name, made when it is missing; one that is there keeps its metadata and configuration.
  public func getOrCreateCollection(
    _ name: String, metadata: Metadata? = nil, configuration: ConfigurationRequest? = nil,
    embeddingFunction: (any EmbeddingFunction)? = nil
  ) async throws -> Collection {
    let request = CreateCollectionRequest(
      name: name, metadata: metadata, configuration: configuration, getOrCreate: true)
    return collection(try await cancellable { try await api.createCollection(request, in: path) }, embeddingFunction)
  }

  /// - Throws: `notFound`.
  public func collection(_ name: String, embeddingFunction: (any EmbeddingFunction)? = nil) async throws -> Collection {
    collection(try await cancellable { try await api.collection(named: name, in: path) }, embeddingFunction)
  }

  public func collections(limit: Int? = nil, offset: Int = 0) async throws -> [CollectionInfo] {
    try await cancellable { try await api.collections(in: path, limit: limit, offset: offset) }
  }
  public func countCollections() async throws -> Int {
    try await cancellable { try await api.countCollections(in: path) }
  }
  public func deleteCollection(_ name: String) async throws {
    try await cancellable { try await api.deleteCollection(named: name, in: path) }
  }

  private func collection(_ info: CollectionInfo, _ embeddingFunction: (any EmbeddingFunction)?) -> Collection {
    Collection(info: info, api: api, embeddingFunction: embeddingFunction)
  }
}
