public import ChromaModel
import Storage
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Engine {
  /// The filesystem a path that exists lies on: `ext4`, `tmpfs`, …; `nil` when the system does not say.
  public static func filesystemType(of path: String) -> String? { Filesystem.type(of: path) }
}

extension Engine: ChromaAPI {
  public func heartbeat() async throws(ChromaError) -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }

  public func maxBatchSize() async throws(ChromaError) -> Int { configuration.maxBatchSize }

  public func isReady() async -> Bool { !isClosed.load(ordering: .acquiring) && !directory.lease.isLost }

  public func reset() async throws(ChromaError) {
    guard configuration.allowsReset else {
      throw ChromaError(.permissionDenied, "Reset is disabled by config", about: .reset)
    }
    let ids = try await blocking { () throws(StorageError) in
      let ids = try self.catalog.collectionIDs()
      try self.catalog.reset()
      return ids
    }
    for id in ids { await discard(id) }
  }

  /// Runs catalogue work off the cooperative pool.
  func blocking<T: Sendable>(_ body: @escaping @Sendable () throws(StorageError) -> T) async throws(ChromaError) -> T {
    try await services.commits.run { () throws(ChromaError) in try translating(body) }
  }

  // MARK: Tenants

  public func createTenant(_ name: String) async throws(ChromaError) {
    if let problem = Names.tenantProblem(with: name) { throw .invalid(problem) }
    guard try await blocking({ () throws(StorageError) in try self.catalog.createTenant(name) }) else {
      throw ChromaError(.alreadyExists, "Tenant [\(name)] already exists", about: .tenant(name))
    }
  }

  public func tenant(_ name: String) async throws(ChromaError) -> Tenant {
    guard let tenant = try await blocking({ () throws(StorageError) in try self.catalog.tenant(name) }) else {
      throw ChromaError(.notFound, "Tenant [\(name)] not found", about: .tenant(name))
    }
    return tenant
  }

  public func updateTenant(_ name: String, resourceName: String) async throws(ChromaError) {
    // An unknown tenant is no error in Chroma's server.
    _ = try await blocking { () throws(StorageError) in
      try self.catalog.setResourceName(resourceName, ofTenant: name)
    }
  }

  // MARK: Databases

  public func createDatabase(_ path: DatabasePath) async throws(ChromaError) {
    if let problem = Names.problem(with: path.database) { throw .invalid(problem) }
    let created = try await blocking { () throws(StorageError) -> Bool? in
      guard try self.catalog.tenant(path.tenant) != nil else { return nil }
      return try self.catalog.createDatabase(path, id: .random())
    }
    switch created {
    case true?: return
    case false?: throw ChromaError(.alreadyExists, "Database [\(path.database)] already exists", about: .database(path))
    case nil: throw ChromaError(.notFound, "Tenant [\(path.tenant)] not found", about: .tenant(path.tenant))
    }
  }

  public func database(_ path: DatabasePath) async throws(ChromaError) -> Database {
    try Self.checkLength(path)
    guard let database = try await blocking({ () throws(StorageError) in try self.catalog.database(path) }) else {
      throw ChromaError(
        .notFound, "Database [\(path.database)] not found. Are you sure it exists?", about: .database(path))
    }
    return database
  }

  static func checkLength(_ path: DatabasePath) throws(ChromaError) {
    guard path.database.utf8.count >= 3 else { throw .invalid("database name must be at least 3 characters") }
  }

  public func databases(tenant: String, limit: Int?, offset: Int) async throws(ChromaError) -> [Database] {
    try await blocking { () throws(StorageError) in
      try self.catalog.databases(tenant: tenant, limit: limit, offset: offset)
    }
  }

  public func deleteDatabase(_ path: DatabasePath) async throws(ChromaError) {
    guard
      let collections = try await blocking({ () throws(StorageError) in try self.catalog.deleteDatabase(path) })
    else { throw ChromaError(.notFound, "Database [\(path.database)] not found", about: .database(path)) }
    for id in collections { await discard(id) }
  }
}
