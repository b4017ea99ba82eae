import CSQLite

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One connection to one SQLite file, used by one thread at a time.
///
/// Write-ahead log, `synchronous=FULL`: a commit that returns is on stable storage. The connection holds the file
/// exclusively, so that no shared-memory file is needed.
package final class SQLiteDatabase {
  package let path: String
  private let lease: Lease?
  private(set) var handle: OpaquePointer?
  private var statements: [String: SQLiteStatement] = [:]

  /// Opens the file, making it when it is not there.
  ///
  /// - Parameter lease: of the directory; asked before each commit.
  /// - Throws: ``StorageError`` `.sqlite`, `.diskFull`, `.leaseLost`.
  package init(path: String, lease: Lease? = nil) throws(StorageError) {
    self.path = path
    self.lease = lease
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let status = sqlite3_open_v2(path, &handle, flags, nil)
    guard status == SQLITE_OK else {
      let failure = error(status)
      sqlite3_close_v2(handle)
      throw failure
    }
    sqlite3_extended_result_codes(handle, 1)
    if let lease {
      // Anything but 0 makes the commit a rollback.
      let hook: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { lease in
        guard let lease else { return 1 }
        return Unmanaged<Lease>.fromOpaque(lease).takeUnretainedValue().allowsCommit() ? 0 : 1
      }
      sqlite3_commit_hook(handle, hook, Unmanaged.passUnretained(lease).toOpaque())
    }
    do {
      try execute(
        """
        PRAGMA page_size=8192; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
        PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=8388608;
        """)
      // Nothing of a transaction may reach a file that others can write to before the lease is asked for its commit.
      if lease?.isShared == true { try execute("PRAGMA cache_spill=OFF") }
    } catch {
      sqlite3_close_v2(handle)
      throw error
    }
  }

  /// Opens a file that nobody changes, for reading alone: nothing is locked, and nothing is written beside it.
  package init(reading path: String) throws(StorageError) {
    self.path = path
    lease = nil
    var name = ""
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "%"): name += "%25"
      case UInt8(ascii: "?"): name += "%3f"
      case UInt8(ascii: "#"): name += "%23"
      case 0x20..<0x7f: name.unicodeScalars.append(UnicodeScalar(byte))
      default: name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
    let status = sqlite3_open_v2("file:\(name)?immutable=1", &handle, flags, nil)
    guard status == SQLITE_OK else {
      let failure = error(status)
      sqlite3_close_v2(handle)
      throw failure
    }
    sqlite3_extended_result_codes(handle, 1)
  }

  deinit {
    statements.removeAll()
    // Closing moves the log into the file, which may be another process's by now.
    if let lease, !lease.allowsCommit() { return }
    sqlite3_close_v2(handle)
  }

  package func error(_ status: Int32) -> StorageError {
    if status == csqlite_constraint_commithook { return leaseError }
    if status & 0xff == SQLITE_FULL
      || (status & 0xff == SQLITE_IOERR && [ENOSPC, EDQUOT].contains(sqlite3_system_errno(handle)))
    {
      return .diskFull(path: path)
    }
    return .sqlite(code: status, message: handle.map { String(cString: sqlite3_errmsg($0)) } ?? "", path: path)
  }

  private var leaseError: StorageError {
    lease?.isLost == false ? .leaseUnproven(path: path) : .leaseLost(path: path)
  }

  /// Runs statements that return nothing.
  package func execute(_ sql: String) throws(StorageError) {
    let status = sqlite3_exec(handle, sql, nil, nil, nil)
    guard status == SQLITE_OK else { throw error(status) }
  }

  /// The statement, prepared once for each text.
  package func statement(_ sql: String) throws(StorageError) -> SQLiteStatement {
    if let known = statements[sql] {
      known.reset()
      return known
    }
    var prepared: OpaquePointer?
    let status = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard status == SQLITE_OK, let prepared else { throw error(status) }
    let statement = SQLiteStatement(prepared, of: self)
    statements[sql] = statement
    return statement
  }

  /// Runs `body` in one transaction; when it returns, its changes are on stable storage.
  package func transaction<T>(_ body: () throws(StorageError) -> T) throws(StorageError) -> T {
    if let lease, !lease.allowsCommit() { throw leaseError }
    try execute("BEGIN IMMEDIATE")
    do {
      let value = try body()
      try execute("COMMIT")
      return value
    } catch {
      for statement in statements.values { statement.reset() }
      _ = sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
      throw error
    }
  }

  /// What SQLite finds wrong with the file; empty when it is sound. Reads all of it.
  package func integrityProblems() throws(StorageError) -> [String] {
    let check = try statement("PRAGMA integrity_check(10)")
    defer { check.reset() }
    var problems: [String] = []
    while try check.step() { if let text = check.text(0), text != "ok" { problems.append(text) } }
    return problems
  }

  /// Memory the connection takes: pages, statements, the schema.
  package var memoryBytes: Int {
    [SQLITE_DBSTATUS_CACHE_USED, SQLITE_DBSTATUS_STMT_USED, SQLITE_DBSTATUS_SCHEMA_USED].reduce(0) { sum, kind in
      var current: Int32 = 0
      var highest: Int32 = 0
      sqlite3_db_status(handle, kind, &current, &highest, 0)
      return sum + Int(current)
    }
  }

  /// Gives pages back that need not be kept.
  package func releaseMemory() { sqlite3_db_release_memory(handle) }

  /// Rows changed by the last statement.
  package var changes: Int { Int(sqlite3_changes64(handle)) }
}
