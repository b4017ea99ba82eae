public struct Tenant: Sendable, Hashable {
  public var name: String
  public var resourceName: String?

  public init(name: String, resourceName: String? = nil) {
    self.name = name
    self.resourceName = resourceName
  }

  public static let defaultName = "default_tenant"
}

public struct Database: Sendable, Hashable {
  public var id: Identifier
  public var name: String
  public var tenant: String

  public init(id: Identifier, name: String, tenant: String) {
    self.id = id
    self.name = name
    self.tenant = tenant
  }

  public static let defaultName = "default_database"
}

/// Names a database: both halves of a request's path.
public struct DatabasePath: Sendable, Hashable {
  public var tenant: String
  public var database: String

  public init(tenant: String = Tenant.defaultName, database: String = Database.defaultName) {
    self.tenant = tenant
    self.database = database
  }

  /// By bytes, as the catalogue compares: two spellings of one text are two names.
  public static func == (left: DatabasePath, right: DatabasePath) -> Bool {
    left.tenant.utf8.elementsEqual(right.tenant.utf8) && left.database.utf8.elementsEqual(right.database.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    for byte in tenant.utf8 { hasher.combine(byte) }
    hasher.combine(UInt8(0))
    for byte in database.utf8 { hasher.combine(byte) }
  }
}

/// A collection as the API shows it, without its records.
public struct CollectionInfo: Sendable, Hashable {
  public var id: Identifier
  public var name: String
  public var path: DatabasePath
  public var metadata: Metadata?
  /// `nil` until the first record is written, then fixed for good.
  public var dimension: Int?
  public var schema: Schema

  public init(
    id: Identifier, name: String, path: DatabasePath, metadata: Metadata?, dimension: Int?, schema: Schema
  ) {
    self.id = id
    self.name = name
    self.path = path
    self.metadata = metadata
    self.dimension = dimension
    self.schema = schema
  }
}

public struct CreateCollectionRequest: Sendable, Hashable {
  public var name: String
  public var metadata: Metadata?
  public var configuration: ConfigurationRequest?
  public var schema: Schema?
  /// Return the collection of that name, unchanged, when there is one.
  public var getOrCreate: Bool

  public init(
    name: String, metadata: Metadata? = nil, configuration: ConfigurationRequest? = nil, schema: Schema? = nil,
    getOrCreate: Bool = false
  ) {
    self.name = name
    self.metadata = metadata
    self.configuration = configuration
    self.schema = schema
    self.getOrCreate = getOrCreate
  }
}

public struct UpdateCollectionRequest: Sendable, Hashable {
  public var newName: String?
  /// Replaces all metadata. Null values drop their key; of nothing but nulls remains no metadata.
  public var newMetadata: MetadataUpdate?
  public var newConfiguration: ConfigurationUpdate?

  public init(
    newName: String? = nil, newMetadata: MetadataUpdate? = nil, newConfiguration: ConfigurationUpdate? = nil
  ) {
    self.newName = newName
    self.newMetadata = newMetadata
    self.newConfiguration = newConfiguration
  }
}

/// Writes to a collection, and how many of them its vector index holds.
public struct IndexingStatus: Sendable, Hashable {
  public var indexed: Int
  public var total: Int

  public init(indexed: Int, total: Int) {
    self.indexed = indexed
    self.total = total
  }

  /// 1 when nothing waits.
  public var progress: Double { total == 0 ? 1 : Double(indexed) / Double(total) }
}
