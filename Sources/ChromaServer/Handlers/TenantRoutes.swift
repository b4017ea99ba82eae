import ChromaAccess
import ChromaModel
import Hummingbird

extension Route {
  static let tenants: [Route] = [createTenant, getTenant, updateTenant]

  static let createTenant = Route(.post, "/api/v2/tenants", .action(.createTenant), "Creates a tenant") { call in
    let body = try await call.decode { (reader) throws(ChromaError) in
      try NamedBody("CreateTenantPayload", field: "name", from: &reader)
    }
    call.named?.note(body.value)
    try await call.api.createTenant(body.value)
    return call.done()
  }

  static let getTenant = Route(.get, "/api/v2/tenants/{tenant}", .action(.getTenant), "A tenant") { call in
    call.answer(try await call.api.tenant(try call.tenant()))
  }

  static let updateTenant = Route(
    .patch, "/api/v2/tenants/{tenant}", .action(.updateTenant), "Names a tenant's resource"
  ) { call in
    let tenant = try call.tenant()
    let body = try await call.decode { (reader) throws(ChromaError) in
      try NamedBody("UpdateTenantPayload", field: "resource_name", from: &reader)
    }
    try await call.api.updateTenant(tenant, resourceName: body.value)
    return call.done()
  }

  static let databases: [Route] = [listDatabases, createDatabase, getDatabase, deleteDatabase]

  static let listDatabases = Route(
    .get, "/api/v2/tenants/{tenant}/databases", .action(.listDatabases), "The databases of a tenant, by name"
  ) { call in
    let query = try call.query()
    let (limit, offset) = (try query.count("limit"), try query.count("offset") ?? 0)
    let databases = try await call.api.databases(tenant: try call.tenant(), limit: limit, offset: offset)
    return Response(.array(databases.map(\.json)))
  }

  static let createDatabase = Route(
    .post, "/api/v2/tenants/{tenant}/databases", .action(.createDatabase), "Creates a database"
  ) { call in
    let tenant = try call.tenant()
    let body = try await call.decode { (reader) throws(ChromaError) in
      try NamedBody("CreateDatabasePayload", field: "name", from: &reader)
    }
    call.named?.note(body.value)
    try await call.api.createDatabase(DatabasePath(tenant: tenant, database: body.value))
    return call.done()
  }

  static let getDatabase = Route(.get, RoutePattern(RoutePattern.database), .action(.getDatabase), "A database") {
    call in
    Response(try await call.api.database(try call.database()).json)
  }

  static let deleteDatabase = Route(
    .delete, RoutePattern(RoutePattern.database), .action(.deleteDatabase),
    "Deletes a database and its collections"
  ) { call in
    // Chroma looks a name up here that is too short to be one.
    let path = DatabasePath(tenant: try call.tenant(), database: try call.parameter("database"))
    try await call.api.deleteDatabase(path)
    return call.done()
  }
}
