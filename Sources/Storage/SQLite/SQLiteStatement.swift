import CSQLite

/// A prepared statement: bind from 1, `step` to rows, read columns from 0.
package final class SQLiteStatement {
  private let handle: OpaquePointer
  private unowned let database: SQLiteDatabase
  /// The first binding that failed (a text beyond SQLite's limit, no memory): the next step throws it.
  private var bindingFailure: StorageError?

  init(_ handle: OpaquePointer, of database: SQLiteDatabase) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  package func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
    bindingFailure = nil
  }

  private func note(_ status: Int32) {
    if status != SQLITE_OK, bindingFailure == nil { bindingFailure = database.error(status) }
  }

  @discardableResult
  package func bind(_ index: Int32, _ value: Int64) -> Self {
    note(sqlite3_bind_int64(handle, index, value))
    return self
  }

  @discardableResult
  package func bind(_ index: Int32, optional value: Int64?) -> Self {
    if let value { note(sqlite3_bind_int64(handle, index, value)) } else { note(sqlite3_bind_null(handle, index)) }
    return self
  }

  /// `nil` binds NULL.
  @discardableResult
  package func bind(_ index: Int32, _ text: String?) -> Self {
    if var text {
      text.withUTF8 { utf8 in
        utf8.withMemoryRebound(to: CChar.self) { bytes in
          if let base = bytes.baseAddress {
            note(csqlite_bind_text(handle, index, base, UInt64(bytes.count)))
          } else {
            note(csqlite_bind_text(handle, index, "", 0))
          }
        }
      }
    } else {
      note(sqlite3_bind_null(handle, index))
    }
    return self
  }

  /// Binds bytes without a copy; they must stay in place until the statement has run.
  @discardableResult
  package func bind(borrowing blob: UnsafeRawBufferPointer, at index: Int32) -> Self {
    if let base = blob.baseAddress {
      note(csqlite_bind_blob_borrowed(handle, index, base, UInt64(blob.count)))
    } else {
      note(sqlite3_bind_zeroblob(handle, index, 0))
    }
    return self
  }

  /// Whether there is a row to read.
  package func step() throws(StorageError) -> Bool {
    if let bindingFailure { throw bindingFailure }
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let status:
      let failure = database.error(status)
      sqlite3_reset(handle)
      throw failure
    }
  }

  /// Runs a statement that returns no rows.
  package func run() throws(StorageError) {
    _ = try step()
    reset()
  }

  package func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  /// `nil` for NULL. Text may hold NUL.
  package func text(_ column: Int32) -> String? {
    guard let bytes = sqlite3_column_text(handle, column) else { return nil }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// The bytes, valid until the next step.
  package func blob(_ column: Int32) -> UnsafeRawBufferPointer {
    let bytes = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
  }
}
