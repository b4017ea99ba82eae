/// What a role can allow: the action names of Chroma's authorization files.
package enum Action: String, Sendable, Hashable, CaseIterable {
  case reset = "system:reset"
  /// Ours: Chroma makes no backups.
  case backup = "system:backup"
  /// Ours: it names the open collections of all tenants.
  case memory = "system:memory"

  case createTenant = "tenant:create_tenant"
  case getTenant = "tenant:get_tenant"
  case updateTenant = "tenant:update_tenant"

  case createDatabase = "db:create_database"
  case getDatabase = "db:get_database"
  case deleteDatabase = "db:delete_database"
  case listDatabases = "db:list_databases"
  case listCollections = "db:list_collections"
  case countCollections = "db:count_collections"
  case createCollection = "db:create_collection"
  /// Declared by Chroma and never asked for: `get_or_create` needs ``createCollection``.
  case getOrCreateCollection = "db:get_or_create_collection"

  case getCollection = "collection:get_collection"
  case getCollectionByCRN = "collection:get_collection_by_crn"
  case updateCollection = "collection:update_collection"
  case deleteCollection = "collection:delete_collection"

  case add = "collection:add"
  case update = "collection:update"
  case upsert = "collection:upsert"
  case delete = "collection:delete"
  case get = "collection:get"
  case query = "collection:query"
  case search = "collection:search"
  case count = "collection:count"
  /// Declared by Chroma and never asked for: clients peek through ``get``.
  case peek = "collection:peek"
  case forkCollection = "collection:fork_collection"
  case countForks = "collection:count_forks"
  case createAttachedFunction = "collection:create_attached_function"
  case removeAttachedFunction = "collection:remove_attached_function"

  /// By a name that Chroma 0.4's example of an authorization file had for it.
  init?(renamed name: String) {
    switch name {
    case "db:reset": self = .reset
    case "tenant:list_databases": self = .listDatabases
    default: return nil
    }
  }
}
