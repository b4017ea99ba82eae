#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a closed copy of a collection's database holds.
package struct CopiedRecords: Sendable, Hashable {
  package var count: Int
  package var maxVersion: Int
  /// `nil` before the first record.
  package var dimension: Int?

  /// Looks into the file; nothing is written beside it.
  ///
  /// - Complexity: O(*bytes*) for the count.
  package init(path: String) throws(StorageError) { try self.init(try SQLiteDatabase(reading: path)) }

  init(_ database: SQLiteDatabase) throws(StorageError) {
    let totals = try database.statement("SELECT count(*), coalesce(max(version), 0) FROM records")
    defer { totals.reset() }
    guard try totals.step() else { throw .damaged(path: database.path, reason: "it cannot be counted") }
    (count, maxVersion) = (Int(totals.int(0)), Int(totals.int(1)))
    let dimension = try database.statement("SELECT value FROM collection WHERE name = 'dimension'")
    defer { dimension.reset() }
    self.dimension = try dimension.step() ? dimension.text(0).flatMap { Int($0) } : nil
  }
}

extension RecordStore {
  /// Copies the database of a collection that nobody has open, and that nobody opens meanwhile.
  ///
  /// - Parameter lease: of the data directory: a log that is left is moved into the database when it is closed.
  /// - Returns: false when there is none.
  package static func copyClosed(in directory: String, to target: String, lease: Lease) throws(StorageError) -> Bool {
    let path = directory + "/records.sqlite3"
    guard Files.exists(path) else { return false }
    // What a process left in the log when it was killed is in no file but the log.
    if (Files.size(of: path + "-wal") ?? 0) > 0 {
      let copy = try RecordStore(directory: directory, lease: lease).copy(to: target)
      while try !copy.step(pages: 1024) {}
    } else {
      try Files.copy(path, to: target)
    }
    return true
  }

  /// Bytes of a collection's database and its log; 0 when there is none.
  package static func byteCount(in directory: String) -> Int {
    let path = directory + "/records.sqlite3"
    return (Files.size(of: path) ?? 0) + (Files.size(of: path + "-wal") ?? 0)
  }
}
