import ChromaAccess
import ChromaModel

/// The tenant and the database a request is about; `nil` where it is about none in particular.
package struct Place: Sendable, Hashable {
  package var tenant: String?
  package var database: String?

  package init(tenant: String? = nil, database: String? = nil) {
    self.tenant = tenant
    self.database = database
  }
}

/// How a route's requests name their place.
package enum Scope: Sendable, Hashable {
  /// By the `{tenant}` and `{database}` of the path, as far as the pattern has them.
  case path
  /// By the `{crn}` of the path: `tenant:database:collection`.
  case crn
  /// API v1: by `?tenant=…&database=…`, the defaults where they are missing; a `{database}` of the path goes before.
  case query
  /// API v1: by `?tenant=…` alone; a `{tenant}` of the path goes before.
  case tenantInQuery
  /// API v1: by the id of the collection.
  case collectionID
}

extension Call {
  /// Finds the place this request is about.
  ///
  /// - Parameter identity: whose own tenant and database stand in for API v1's defaults when that is configured.
  /// - Throws: `invalidArgument` for what cannot be read, `notFound` for a collection that is in no place or, of
  ///   equal look, in one that `identity` may not see.
  func findPlace(for identity: Identity?) async throws(ChromaError) -> Place {
    switch route.scope {
    case .path:
      return Place(
        tenant: route.pattern.parameters.contains("tenant") ? try parameter("tenant") : nil,
        database: route.pattern.parameters.contains("database") ? try parameter("database") : nil)
    case .crn:
      let parts = try crn()
      return Place(tenant: parts.path.tenant, database: parts.path.database)
    case .query, .tenantInQuery:
      let query = try query()
      let tenant =
        route.pattern.parameters.contains("tenant")
        ? try parameter("tenant") : try query.value("tenant") ?? Tenant.defaultName
      let database =
        route.pattern.parameters.contains("database")
        ? try parameter("database") : try query.value("database") ?? Database.defaultName
      let place = Place(tenant: tenant, database: route.scope == .query ? database : nil)
      return configuration.derivesPlaceFromIdentity ? place.derived(from: identity) : place
    case .collectionID:
      let id = try collectionID()
      let path = try await api.collection(id).path
      guard identity?.mayEnter(tenant: path.tenant, database: path.database) ?? true else { throw .noCollection(id) }
      return Place(tenant: path.tenant, database: path.database)
    }
  }

  /// The parts of `{crn}`.
  func crn() throws(ChromaError) -> (path: DatabasePath, collection: String) {
    let parts = try parameter("crn").split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts.contains(where: \.isEmpty) else {
      throw .invalid(
        "Validation error: crn: CRN must be in the format <tenant_resource_name>:<database_name>:<collection_name> "
          + "with non-empty parts")
    }
    return (DatabasePath(tenant: String(parts[0]), database: String(parts[1])), String(parts[2]))
  }
}

extension Place {
  /// The identity's one tenant and its one database where this place names the defaults, each by itself.
  fileprivate func derived(from identity: Identity?) -> Place {
    guard let identity else { return self }
    var place = self
    if tenant == Tenant.defaultName, identity.tenant != "*" { place.tenant = identity.tenant }
    if database == Database.defaultName, identity.databases.count == 1, !identity.hasEveryDatabase {
      place.database = identity.databases[0]
    }
    return place
  }
}

extension ChromaError {
  static func noCollection(_ id: Identifier) -> ChromaError {
    ChromaError(.notFound, "Collection [\(id)] does not exist", about: .collection(id.description))
  }
}
