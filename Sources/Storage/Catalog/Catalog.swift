package import ChromaModel
import Synchronization

/// Tenants, databases and collections: one small SQLite database behind one lock.
///
/// Every method that changes something returns when the change is on stable storage. Methods block; call them off the
/// cooperative pool.
package final class Catalog: Sendable {
  private struct State: ~Copyable {
    var database: SQLiteDatabase?
    /// A copy for a backup, on its way.
    var copy: DatabaseCopy?
  }

  private let state: Mutex<State>
  private let path: String
  /// Schemas parsed once for each text: thousands of collections mostly share a few.
  private let schemas = Mutex<[String: Schema]>([:])

  package init(path: String, lease: Lease? = nil) throws(StorageError) {
    let database = try SQLiteDatabase(path: path, lease: lease)
    try database.execute(
      """
      CREATE TABLE IF NOT EXISTS tenants(name TEXT PRIMARY KEY, resource_name TEXT) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS databases(id TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL,
        UNIQUE(tenant, name)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS collections(id TEXT PRIMARY KEY, database_id TEXT NOT NULL, name TEXT NOT NULL,
        metadata TEXT, dimension INTEGER, schema TEXT NOT NULL, UNIQUE(database_id, name)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS deleted(id TEXT PRIMARY KEY) WITHOUT ROWID;
      CREATE TRIGGER IF NOT EXISTS remember_deleted AFTER DELETE ON collections
        BEGIN INSERT OR IGNORE INTO deleted(id) VALUES(old.id); END;
      """)
    self.path = path
    state = Mutex(State(database: database))
    try makeDefaults()
  }

  private func makeDefaults() throws(StorageError) {
    try locked { (database) throws(StorageError) in
      try database.statement("INSERT OR IGNORE INTO tenants(name) VALUES(?)").bind(1, Tenant.defaultName).run()
      try database.statement("INSERT OR IGNORE INTO databases(id, tenant, name) VALUES(?, ?, ?)")
        .bind(1, Identifier.zero.description).bind(2, Tenant.defaultName).bind(3, Database.defaultName).run()
    }
  }

  /// Runs `body` alone. Collected results must not hold on to the database.
  private func locked<T: Sendable>(
    _ body: (SQLiteDatabase) throws(StorageError) -> T
  ) throws(StorageError) -> T {
    try state.withLock { (state) throws(StorageError) -> T in
      guard let database = state.database else { throw .closed(path: path) }
      return try body(database)
    }
  }

  /// Every call from here on throws `.closed`.
  package func close() {
    state.withLock { state in
      state.copy = nil
      state.database = nil
    }
  }

  /// Begins a copy of the database in a new file, to be stepped to its end; one that is on its way already ends.
  package func beginCopy(to path: String) throws(StorageError) {
    try state.withLock { (state) throws(StorageError) in
      guard let database = state.database else { throw .closed(path: path) }
      state.copy = nil
      state.copy = try DatabaseCopy(of: database, to: path)
    }
  }

  /// Goes on copying; whoever asks the catalogue anything waits for that long.
  ///
  /// - Returns: whether the copy is whole, which then is the catalogue as it is now.
  package func stepCopy(pages: Int) throws(StorageError) -> Bool {
    try state.withLock { (state) throws(StorageError) -> Bool in
      guard let copy = state.copy else { throw .closed(path: path) }
      do throws(StorageError) {
        guard try copy.step(pages: pages) else { return false }
      } catch {
        state.copy = nil
        throw error
      }
      state.copy = nil
      return true
    }
  }

  /// Leaves the copy as it is.
  package func giveUpCopy() { state.withLock { $0.copy = nil } }

  /// Removes everything but the default tenant and database.
  package func reset() throws(StorageError) {
    try locked { (database) throws(StorageError) in
      try database.transaction { () throws(StorageError) in
        try database.execute("DELETE FROM collections; DELETE FROM databases; DELETE FROM tenants;")
      }
    }
    try makeDefaults()
  }

  // MARK: Tenants

  /// - Returns: false when there is one of that name.
  package func createTenant(_ name: String) throws(StorageError) -> Bool {
    try locked { (database) throws(StorageError) in
      try database.statement("INSERT OR IGNORE INTO tenants(name) VALUES(?)").bind(1, name).run()
      return database.changes > 0
    }
  }

  package func tenant(_ name: String) throws(StorageError) -> Tenant? {
    try locked { (database) throws(StorageError) in
      let statement = try database.statement("SELECT resource_name FROM tenants WHERE name = ?").bind(1, name)
      defer { statement.reset() }
      return try statement.step() ? Tenant(name: name, resourceName: statement.text(0)) : nil
    }
  }

  /// - Returns: false when there is no such tenant.
  package func setResourceName(_ resourceName: String, ofTenant name: String) throws(StorageError) -> Bool {
    try locked { (database) throws(StorageError) in
      try database.statement("UPDATE tenants SET resource_name = ? WHERE name = ?").bind(1, resourceName)
        .bind(2, name).run()
      return database.changes > 0
    }
  }

  // MARK: Databases

  /// - Returns: false when there is one of that name.
  package func createDatabase(_ path: DatabasePath, id: Identifier) throws(StorageError) -> Bool {
    try locked { (database) throws(StorageError) in
      try database.statement("INSERT OR IGNORE INTO databases(id, tenant, name) VALUES(?, ?, ?)")
        .bind(1, id.description).bind(2, path.tenant).bind(3, path.database).run()
      return database.changes > 0
    }
  }

  package func database(_ path: DatabasePath) throws(StorageError) -> Database? {
    try locked { (database) throws(StorageError) in
      try Self.databaseID(path, in: database).map { Database(id: $0, name: path.database, tenant: path.tenant) }
    }
  }

  private static func databaseID(
    _ path: DatabasePath, in database: SQLiteDatabase
  ) throws(StorageError) -> Identifier? {
    let statement = try database.statement("SELECT id FROM databases WHERE tenant = ? AND name = ?")
      .bind(1, path.tenant).bind(2, path.database)
    defer { statement.reset() }
    return try statement.step() ? statement.text(0).flatMap { Identifier($0) } : nil
  }

  package func databases(tenant: String, limit: Int?, offset: Int) throws(StorageError) -> [Database] {
    try locked { (database) throws(StorageError) in
      let statement = try database.statement(
        "SELECT id, name FROM databases WHERE tenant = ? ORDER BY name LIMIT ? OFFSET ?")
      statement.bind(1, tenant).bind(2, Int64(limit ?? -1)).bind(3, Int64(offset))
      defer { statement.reset() }
      var databases: [Database] = []
      while try statement.step() {
        guard let id = statement.text(0).flatMap({ Identifier($0) }) else { continue }
        databases.append(Database(id: id, name: statement.text(1) ?? "", tenant: tenant))
      }
      return databases
    }
  }

  /// - Returns: the collections that went with it; `nil` when there is no such database.
  package func deleteDatabase(_ path: DatabasePath) throws(StorageError) -> [Identifier]? {
    try locked { (database) throws(StorageError) -> [Identifier]? in
      guard let id = try Self.databaseID(path, in: database) else { return nil }
      return try database.transaction { () throws(StorageError) in
        let list = try database.statement("SELECT id FROM collections WHERE database_id = ?").bind(1, id.description)
        var collections: [Identifier] = []
        while try list.step() { list.text(0).flatMap { Identifier($0) }.map { collections.append($0) } }
        list.reset()
        try database.statement("DELETE FROM collections WHERE database_id = ?").bind(1, id.description).run()
        try database.statement("DELETE FROM databases WHERE id = ?").bind(1, id.description).run()
        return collections
      }
    }
  }

  // MARK: Collections

  package enum CreateOutcome: Sendable {
    case created
    case exists(CollectionInfo)
    case noDatabase
  }

  package func createCollection(_ info: CollectionInfo) throws(StorageError) -> CreateOutcome {
    let parse = { (text: String) in self.schema(text) }
    return try locked { (database) throws(StorageError) in
      guard let parent = try Self.databaseID(info.path, in: database) else { return .noDatabase }
      try database.statement(
        "INSERT OR IGNORE INTO collections(id, database_id, name, metadata, schema) VALUES(?, ?, ?, ?, ?)"
      )
      .bind(1, info.id.description).bind(2, parent.description).bind(3, info.name)
      .bind(4, info.metadata?.jsonText).bind(5, info.schema.json.text).run()
      if database.changes > 0 { return .created }
      let found = try Self.collections(
        in: database, where: "tenant = ? AND databases.name = ? AND collections.name = ?", schema: parse
      ) { $0.bind(1, info.path.tenant).bind(2, info.path.database).bind(3, info.name) }
      return found.first.map(CreateOutcome.exists) ?? .noDatabase
    }
  }

  package func collection(_ id: Identifier) throws(StorageError) -> CollectionInfo? {
    let parse = { (text: String) in self.schema(text) }
    return try locked { (database) throws(StorageError) in
      try Self.collections(in: database, where: "collections.id = ?", schema: parse) { $0.bind(1, id.description) }
        .first
    }
  }

  package func collection(named name: String, in path: DatabasePath) throws(StorageError) -> CollectionInfo? {
    let parse = { (text: String) in self.schema(text) }
    return try locked { (database) throws(StorageError) in
      try Self.collections(
        in: database, where: "tenant = ? AND databases.name = ? AND collections.name = ?", schema: parse
      ) { $0.bind(1, path.tenant).bind(2, path.database).bind(3, name) }.first
    }
  }

  package func collections(in path: DatabasePath, limit: Int?, offset: Int) throws(StorageError) -> [CollectionInfo] {
    let parse = { (text: String) in self.schema(text) }
    return try locked { (database) throws(StorageError) in
      try Self.collections(
        in: database,
        where: "tenant = ? AND databases.name = ? ORDER BY collections.id LIMIT ? OFFSET ?", schema: parse
      ) {
        $0.bind(1, path.tenant).bind(2, path.database).bind(3, Int64(limit ?? -1)).bind(4, Int64(offset))
      }
    }
  }

  package func countCollections(in path: DatabasePath) throws(StorageError) -> Int {
    try locked { (database) throws(StorageError) in
      let statement = try database.statement(
        """
        SELECT count(*) FROM collections JOIN databases ON databases.id = database_id
        WHERE tenant = ? AND databases.name = ?
        """
      ).bind(1, path.tenant).bind(2, path.database)
      defer { statement.reset() }
      return try statement.step() ? Int(statement.int(0)) : 0
    }
  }

  /// Ids of all collections, for telling a directory that nothing names any more.
  package func collectionIDs() throws(StorageError) -> Set<Identifier> {
    try locked { (database) throws(StorageError) in
      let statement = try database.statement("SELECT id FROM collections")
      defer { statement.reset() }
      var ids: Set<Identifier> = []
      while try statement.step() { statement.text(0).flatMap { Identifier($0) }.map { _ = ids.insert($0) } }
      return ids
    }
  }

  /// Every collection of every database, by id.
  package func allCollections() throws(StorageError) -> [CollectionInfo] {
    let parse = { (text: String) in self.schema(text) }
    return try locked { (database) throws(StorageError) in
      try Self.collections(in: database, where: "true ORDER BY collections.id", schema: parse) { $0 }
    }
  }

  /// Takes collections out without remembering them: those of a copy that has no files of theirs.
  package func forget(_ ids: [Identifier]) throws(StorageError) {
    try locked { (database) throws(StorageError) in
      try database.transaction { () throws(StorageError) in
        let delete = try database.statement("DELETE FROM collections WHERE id = ?")
        for id in ids { try delete.bind(1, id.description).run() }
        try database.execute("DELETE FROM deleted")
      }
      // Here, since closing does not say whether it could.
      try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }

  /// Collections that were deleted and whose files may still be there.
  package func deletedIDs() throws(StorageError) -> Set<Identifier> {
    try locked { (database) throws(StorageError) in
      let statement = try database.statement("SELECT id FROM deleted")
      defer { statement.reset() }
      var ids: Set<Identifier> = []
      while try statement.step() { statement.text(0).flatMap { Identifier($0) }.map { _ = ids.insert($0) } }
      return ids
    }
  }

  /// Their files are gone.
  package func forgetDeleted() throws(StorageError) {
    try locked { (database) throws(StorageError) in try database.execute("DELETE FROM deleted") }
  }

  private static func collections(
    in database: SQLiteDatabase, where condition: String, schema: (String) -> Schema,
    bind: (SQLiteStatement) -> SQLiteStatement
  ) throws(StorageError) -> [CollectionInfo] {
    let statement = bind(
      try database.statement(
        """
        SELECT collections.id, collections.name, tenant, databases.name, metadata, dimension, schema
        FROM collections JOIN databases ON databases.id = database_id WHERE \(condition)
        """))
    defer { statement.reset() }
    var found: [CollectionInfo] = []
    while try statement.step() {
      guard let id = statement.text(0).flatMap({ Identifier($0) }) else { continue }
      found.append(
        CollectionInfo(
          id: id, name: statement.text(1) ?? "",
          path: DatabasePath(tenant: statement.text(2) ?? "", database: statement.text(3) ?? ""),
          metadata: statement.text(4).flatMap { Metadata(jsonText: $0) },
          dimension: statement.isNull(5) ? nil : Int(statement.int(5)), schema: schema(statement.text(6) ?? "")))
    }
    return found
  }

  private func schema(_ text: String) -> Schema {
    schemas.withLock { schemas in
      if let known = schemas[text] { return known }
      // What we stored is what we can read; a schema that is not falls back to the standard one rather than hiding
      // the collection.
      guard let json = try? JSONValue(parsing: text), let parsed = try? Schema(json: json) else { return .standard }
      if schemas.count > 1024 { schemas.removeAll() }
      schemas[text] = parsed
      return parsed
    }
  }

  package enum UpdateOutcome: Sendable { case updated, nameTaken, missing }

  /// Stores name, metadata, dimension and schema of `info` as they are given.
  package func updateCollection(_ info: CollectionInfo) throws(StorageError) -> UpdateOutcome {
    try locked { (database) throws(StorageError) in
      try database.statement(
        "UPDATE OR IGNORE collections SET name = ?, metadata = ?, dimension = ?, schema = ? WHERE id = ?"
      )
      .bind(1, info.name).bind(2, info.metadata?.jsonText).bind(3, optional: info.dimension.map(Int64.init))
      .bind(4, info.schema.json.text).bind(5, info.id.description).run()
      if database.changes > 0 { return .updated }
      let statement = try database.statement("SELECT 1 FROM collections WHERE id = ?").bind(1, info.id.description)
      defer { statement.reset() }
      return try statement.step() ? .nameTaken : .missing
    }
  }

  /// - Returns: the id of the collection that was; `nil` when there is none of that name.
  package func deleteCollection(named name: String, in path: DatabasePath) throws(StorageError) -> Identifier? {
    try locked { (database) throws(StorageError) -> Identifier? in
      guard let parent = try Self.databaseID(path, in: database) else { return nil }
      let statement = try database.statement("DELETE FROM collections WHERE database_id = ? AND name = ? RETURNING id")
        .bind(1, parent.description).bind(2, name)
      defer { statement.reset() }
      guard try statement.step() else { return nil }
      let id = statement.text(0).flatMap { Identifier($0) }
      // RETURNING statements finish, and commit, when they are stepped to their end.
      _ = try statement.step()
      return id
    }
  }
}
