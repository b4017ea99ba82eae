internal import ChromaModel

/// The truth about one collection: its database file. Used by one thread at a time.
///
///     collection   name → value: format, dimension, schema
///     records      one row for each live version: version, position, id, document, uri, metadata (JSON), embedding
///     changes      versions removed since the last checkpoint, in order
///
/// A version is written once and removed when a newer one takes its place; nothing is updated in place.
package final class RecordStore {
  /// Raised when an older version could no longer read what we write.
  package static let format = 1

  package let path: String
  private let database: SQLiteDatabase

  /// One transaction's worth of changes.
  package struct Commit: ~Copyable {
    package var removed: [Int64] = []
    package var added: [(record: Record, embedding: [Float])] = []
    /// Given when it changes.
    package var dimension: Int?
    /// Given when it changes: the schema as JSON.
    package var schema: String?

    package init() {}
  }

  /// Opens the database in a collection's directory, making both durably when they are not there.
  package init(directory: String, lease: Lease? = nil) throws(StorageError) {
    try Files.makeDirectory(directory)
    path = directory + "/records.sqlite3"
    database = try SQLiteDatabase(path: path, lease: lease)
    try database.execute(
      """
      CREATE TABLE IF NOT EXISTS collection(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS records(version INTEGER PRIMARY KEY, position INTEGER NOT NULL, id TEXT NOT NULL,
        document TEXT, uri TEXT, metadata TEXT, embedding BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS changes(sequence INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL);
      """)
    if let text = try value("format") {
      let found = Int(text) ?? Int.max
      guard found <= Self.format else { throw .newerFormat(path: path, found: found, supported: Self.format) }
    } else {
      try set("format", "\(Self.format)")
    }
  }

  /// Memory that its connection takes.
  package var memoryBytes: Int { database.memoryBytes }

  /// Gives back what memory can be read again from the file.
  package func releaseMemory() { database.releaseMemory() }

  /// A copy of the database, begun: to be stepped to its end.
  package func copy(to path: String) throws(StorageError) -> DatabaseCopy { try DatabaseCopy(of: database, to: path) }

  package func dimension() throws(StorageError) -> Int? { try value("dimension").flatMap { Int($0) } }

  /// The schema as JSON; `nil` before the first write.
  package func schema() throws(StorageError) -> String? { try value("schema") }

  private func value(_ name: String) throws(StorageError) -> String? {
    let statement = try database.statement("SELECT value FROM collection WHERE name = ?")
    statement.bind(1, name)
    defer { statement.reset() }
    return try statement.step() ? statement.text(0) : nil
  }

  private func set(_ name: String, _ value: String) throws(StorageError) {
    let statement = try database.statement(
      "INSERT INTO collection(name, value) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value")
    try statement.bind(1, name).bind(2, value).run()
  }

  /// Writes everything or nothing; when it returns, all of it is on stable storage.
  package func commit(_ commit: borrowing Commit) throws(StorageError) {
    let removed = commit.removed
    let added = commit.added
    let dimension = commit.dimension
    let schema = commit.schema
    try database.transaction { () throws(StorageError) in
      if let dimension { try set("dimension", "\(dimension)") }
      if let schema { try set("schema", schema) }
      let delete = try database.statement("DELETE FROM records WHERE version = ?")
      let note = try database.statement("INSERT INTO changes(version) VALUES(?)")
      for version in removed {
        try delete.bind(1, version).run()
        try note.bind(1, version).run()
      }
      let insert = try database.statement(
        "INSERT INTO records(version, position, id, document, uri, metadata, embedding) VALUES(?, ?, ?, ?, ?, ?, ?)")
      for (record, embedding) in added {
        insert.bind(1, record.version).bind(2, record.position).bind(3, record.id).bind(4, record.document)
          .bind(5, record.uri).bind(6, record.metadata.isEmpty ? nil : record.metadata.jsonText)
        try embedding.withUnsafeBufferPointer { (vector) throws(StorageError) in
          try insert.bind(borrowing: UnsafeRawBufferPointer(vector), at: 7).run()
        }
      }
    }
  }

  /// The newest change; 0 when there is none. What a checkpoint names as its end.
  package func lastChange() throws(StorageError) -> Int64 {
    let statement = try database.statement("SELECT coalesce(max(sequence), 0) FROM changes")
    defer { statement.reset() }
    return try statement.step() ? statement.int(0) : 0
  }

  /// The greatest version ever given out that is still on record, live or removed.
  package func lastVersion() throws(StorageError) -> Int64 {
    let statement = try database.statement(
      "SELECT max((SELECT coalesce(max(version), 0) FROM records), (SELECT coalesce(max(version), 0) FROM changes))")
    defer { statement.reset() }
    return try statement.step() ? statement.int(0) : 0
  }

  /// Versions removed after a checkpoint.
  package func removedVersions(after change: Int64) throws(StorageError) -> Set<Int64> {
    let statement = try database.statement("SELECT version FROM changes WHERE sequence > ?")
    statement.bind(1, change)
    defer { statement.reset() }
    var versions: Set<Int64> = []
    while try statement.step() { versions.insert(statement.int(0)) }
    return versions
  }

  /// Forgets changes that a durable checkpoint holds.
  package func forgetChanges(through change: Int64) throws(StorageError) {
    let statement = try database.statement("DELETE FROM changes WHERE sequence <= ?")
    try statement.bind(1, change).run()
  }

  /// Live records with a version above `version`, ascending, each with its embedding.
  package func records(
    after version: Int64, _ body: (Record, UnsafeRawBufferPointer) throws(StorageError) -> Void
  ) throws(StorageError) {
    let statement = try database.statement(
      "SELECT version, position, id, document, uri, metadata, embedding FROM records WHERE version > ? ORDER BY version"
    )
    statement.bind(1, version)
    defer { statement.reset() }
    while try statement.step() { try body(try record(statement), statement.blob(6)) }
  }

  /// The live record of one version; `nil` when it was removed.
  package func record(version: Int64) throws(StorageError) -> Record? {
    let statement = try database.statement(
      "SELECT version, position, id, document, uri, metadata, embedding FROM records WHERE version = ?")
    statement.bind(1, version)
    defer { statement.reset() }
    return try statement.step() ? try record(statement) : nil
  }

  private func record(_ statement: SQLiteStatement) throws(StorageError) -> Record {
    var metadata: Metadata = [:]
    if let text = statement.text(5) {
      guard let parsed = Metadata(jsonText: text) else {
        throw .damaged(path: path, reason: "the metadata of version \(statement.int(0)) is not readable")
      }
      metadata = parsed
    }
    return Record(
      version: statement.int(0), position: statement.int(1), id: statement.text(2) ?? "", document: statement.text(3),
      uri: statement.text(4), metadata: metadata)
  }
}

extension Metadata {
  var jsonText: String { JSONValue.object(mapValues(\.json)).text }

  init?(jsonText: String) {
    guard case .object(let members)? = try? JSONValue(parsing: jsonText) else { return nil }
    self.init(minimumCapacity: members.count)
    for (key, json) in members {
      guard let value = MetadataValue(json: json) else { return nil }
      self[key] = value
    }
  }
}
