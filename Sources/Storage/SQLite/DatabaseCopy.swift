import CSQLite

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A copy of an open database in a file of its own, made a few pages at a time through the connection that holds it.
///
/// Between steps the connection may be used for anything. What it commits meanwhile is in the copy as well: SQLite
/// writes pages that were copied already into both. So the copy is the database as it is when the last step returns.
/// The file is written without a journal and without syncing: it counts for nothing until whoever made it syncs it.
///
/// Used by one thread at a time, the one that uses the connection.
package final class DatabaseCopy {
  package let path: String
  /// Open at least as long as the copy is made.
  private let source: SQLiteDatabase
  private var target: OpaquePointer?
  private var backup: OpaquePointer?

  /// - Throws: `.sqlite`, `.diskFull`, `.system`.
  package init(of source: SQLiteDatabase, to path: String) throws(StorageError) {
    self.source = source
    self.path = path
    // SQLite takes an empty file as it is, with its mode.
    _ = try DurableFile(creating: path, mode: 0o600)
    var status = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
    if status == SQLITE_OK {
      status = sqlite3_exec(
        target, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;", nil, nil, nil)
    }
    guard status == SQLITE_OK else {
      let failure = error(status)
      end()
      throw failure
    }
    backup = sqlite3_backup_init(target, "main", source.handle, "main")
    guard backup != nil else {
      let failure = error(sqlite3_errcode(target))
      end()
      throw failure
    }
  }

  deinit { end() }

  /// - Returns: whether the copy is whole now.
  package func step(pages: Int) throws(StorageError) -> Bool {
    guard let backup else { throw .closed(path: path) }
    switch sqlite3_backup_step(backup, Int32(pages)) {
    case SQLITE_OK: return false
    case SQLITE_DONE:
      end()
      return true
    case let status:
      let failure = error(status)
      end()
      throw failure
    }
  }

  private func error(_ status: Int32) -> StorageError {
    let isFull = [ENOSPC, EDQUOT].contains(sqlite3_system_errno(target))
    if status & 0xff == SQLITE_FULL || (status & 0xff == SQLITE_IOERR && isFull) {
      return .diskFull(path: path)
    }
    let message = target.map { String(cString: sqlite3_errmsg($0)) } ?? ""
    return .sqlite(code: status, message: message, path: path)
  }

  private func end() {
    if let backup { sqlite3_backup_finish(backup) }
    backup = nil
    if let target { sqlite3_close_v2(target) }
    target = nil
  }
}
