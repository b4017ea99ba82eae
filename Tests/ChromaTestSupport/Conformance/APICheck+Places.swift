internal import ChromaModel

extension APICheck {
  /// The system, tenants and databases.
  static let places: [APICheck] = [
    APICheck("The heart beats in nanoseconds") { it in
      let first = try await it.api.heartbeat()
      let second = try await it.api.heartbeat()
      it.expect(first > 1_700_000_000_000_000_000, "\(first) is long ago")
      it.expect(second >= first, "\(second) is before \(first)")
      it.expect(await it.api.isReady(), "it is not ready")
      it.expect(try await it.api.maxBatchSize() > 0, "no batch is small enough")
    },
    APICheck("A reset is refused unless it is allowed") { it in
      await it.refuses(.permissionDenied, "Reset is disabled by config") { try await it.api.reset() }
      _ = try await it.api.database(it.path)
    },
    APICheck("A tenant is made once, under any name") { it in
      for suffix in ["", "/../x", " with spaces", "%2F?a=b&c#d", "é", "e\u{301}", "狐🦊", "+", "..", "\u{7}"] {
        let name = it.path.tenant + "-made" + suffix
        try await it.api.createTenant(name)
        it.expect(try await it.api.tenant(name).name.utf8.elementsEqual(name.utf8), "\(name) has another name")
        await it.refuses(.alreadyExists, "Tenant [\(name)] already exists") { try await it.api.createTenant(name) }
      }
      await it.refuses(.invalidArgument, "length") { try await it.api.createTenant("ab") }
      await it.refuses(.notFound, "Tenant [nobody-\(it.path.tenant)] not found") {
        try await it.api.tenant("nobody-\(it.path.tenant)")
      }
      await it.refuses(.notFound, "Tenant [] not found") { try await it.api.tenant("") }
    },
    APICheck("A tenant's resource may be named, a tenant's that is not there too") { it in
      try await it.api.updateTenant(it.path.tenant, resourceName: "resource")
      try await it.api.updateTenant("nobody-\(it.path.tenant)", resourceName: "resource")
    },
    APICheck("A database is made once and found by its name") { it in
      let path = DatabasePath(tenant: it.path.tenant, database: "second.one_two-3")
      try await it.api.createDatabase(path)
      let database = try await it.api.database(path)
      it.equal(database.name, path.database)
      it.equal(database.tenant, path.tenant)
      await it.refuses(.alreadyExists, "Database [second.one_two-3] already exists") {
        try await it.api.createDatabase(path)
      }
      for name in ["ab", "-abc", "a..b", "127.0.0.1", "with space", "é-é-é", ""] {
        await it.refuses(.invalidArgument) {
          try await it.api.createDatabase(DatabasePath(tenant: it.path.tenant, database: name))
        }
      }
    },
    APICheck("Databases are listed by name, in parts") { it in
      for name in ["zebra", "ape", "mole"] {
        try await it.api.createDatabase(DatabasePath(tenant: it.path.tenant, database: name))
      }
      let tenant = it.path.tenant
      it.equal(
        try await it.api.databases(tenant: tenant, limit: nil, offset: 0).map(\.name),
        ["ape", it.path.database, "mole", "zebra"])
      it.equal(try await it.api.databases(tenant: tenant, limit: 2, offset: 2).map(\.name), ["mole", "zebra"])
      it.equal(try await it.api.databases(tenant: tenant, limit: 0, offset: 0), [])
      it.equal(try await it.api.databases(tenant: tenant, limit: nil, offset: 9), [])
      it.equal(try await it.api.databases(tenant: "nobody-\(tenant)", limit: nil, offset: 0), [])
    },
    APICheck("A database goes with its collections") { it in
      let collection = try await it.filled()
      try await it.api.deleteDatabase(it.path)
      await it.refuses(.notFound, "not found") { try await it.api.database(it.path) }
      await it.refuses(.notFound) { try await it.api.count(collection.id, in: it.path) }
      await it.refuses(.notFound) { try await it.api.deleteDatabase(it.path) }
      try await it.api.createDatabase(it.path)
      it.equal(try await it.api.countCollections(in: it.path), 0)
    },
    APICheck("A database that is not there holds nothing") { it in
      let nowhere = DatabasePath(tenant: it.path.tenant, database: "nowhere")
      await it.refuses(.notFound, "Database [nowhere] not found") { try await it.api.database(nowhere) }
      it.equal(try await it.api.collections(in: nowhere, limit: nil, offset: 0), [])
      it.equal(try await it.api.countCollections(in: nowhere), 0)
      await it.refuses(.invalidArgument, "Database [nowhere] does not exist") {
        try await it.api.createCollection(CreateCollectionRequest(name: "things"), in: nowhere)
      }
      await it.refuses(.notFound) { try await it.api.collection(named: "things", in: nowhere) }
      for name in ["ab", ""] {
        let short = DatabasePath(tenant: it.path.tenant, database: name)
        await it.refuses(.invalidArgument, "database name must be at least 3 characters") {
          try await it.api.database(short)
        }
      }
    },
  ]
}
