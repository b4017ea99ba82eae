public import ChromaModel
import NIOCore

extension HTTPAPI {
  public func heartbeat() async throws(ChromaError) -> Int64 {
    try await ask(.get(Self.root.appending("heartbeat"))) { (json) throws(ShapeProblem) in
      guard case .int(let nanoseconds)? = json["nanosecond heartbeat"] else {
        throw ShapeProblem(member: "nanosecond heartbeat")
      }
      return nanoseconds
    }
  }

  /// What the server says of the API it speaks.
  public func version() async throws(ChromaError) -> String {
    try await ask(.get(Self.root.appending("version"))) { (json) throws(ShapeProblem) in
      guard case .string(let text) = json else { throw ShapeProblem(member: "the version") }
      return text
    }
  }

  public func maxBatchSize() async throws(ChromaError) -> Int { try await preflightChecks().maxBatchSize }

  /// Asked once: a server that is not ready now is not waited for.
  public func isReady() async -> Bool {
    switch await exchange.status(.get(Self.root.appending("healthcheck"))) {
    case 200: true
    // Where that is kept from strangers, or unknown, being alive is all that can be asked for.
    case 401, 403, 404: await exchange.status(.get(Self.root.appending("heartbeat"))) == 200
    default: false
    }
  }

  public func reset() async throws(ChromaError) {
    try await exchange.perform(.post(Self.root.appending("reset"), isRepeatable: false))
  }

  // MARK: Tenants

  public func createTenant(_ name: String) async throws(ChromaError) {
    try await exchange.perform(
      .post(Self.root.appending("tenants"), .named(name), isRepeatable: false))
  }

  public func tenant(_ name: String) async throws(ChromaError) -> Tenant {
    try await ask(.get(try tenantPath(name))) { (json) throws(ShapeProblem) in try Tenant(json: json) }
  }

  public func updateTenant(_ name: String, resourceName: String) async throws(ChromaError) {
    try await exchange.perform(.patch(try tenantPath(name), .named(resourceName, as: "resource_name")))
  }

  // MARK: Databases

  public func createDatabase(_ path: DatabasePath) async throws(ChromaError) {
    let place = try tenantPath(path.tenant).appending("databases")
    try await exchange.perform(.post(place, .named(path.database), isRepeatable: false))
  }

  public func database(_ path: DatabasePath) async throws(ChromaError) -> Database {
    try await ask(.get(try databasePath(path))) { (json) throws(ShapeProblem) in try Database(json: json) }
  }

  public func databases(tenant: String, limit: Int?, offset: Int) async throws(ChromaError) -> [Database] {
    let path = try tenantPath(tenant).appending("databases").query(("limit", limit), ("offset", offset))
    return try await askForList(.get(path)) { (json) throws(ShapeProblem) in try Database(json: json) }
  }

  public func deleteDatabase(_ path: DatabasePath) async throws(ChromaError) {
    try await exchange.perform(.delete(try databasePath(path)))
  }
}

extension ByteBuffer {
  /// An object of one string.
  fileprivate static func named(_ text: String, as name: String = "name") -> ByteBuffer {
    var writer = JSONWriter()
    writer.write(.object([name: .string(text)]))
    return ByteBuffer(bytes: writer.bytes)
  }
}
