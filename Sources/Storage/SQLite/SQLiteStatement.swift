import CSQLite

/// A prepared statement: bind from 1, `step` to rows, read columns from 0.
package final class SQLiteStatement {
  private let handle: OpaquePointer
  private unowned let database: SQLiteDatabase

  init(_ handle: OpaquePointer, of database: SQLiteDatabase) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  package func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  @discardableResult
  package func bind(_ index: Int32, _ value: Int64) -> Self {
    sqlite3_bind_int64(handle, index, value)
    return self
  }

  @discardableResult
  package func bind(_ index: Int32, optional value: Int64?) -> Self {
    if let value { sqlite3_bind_int64(handle, index, value) } else { sqlite3_bind_null(handle, index) }
    return self
  }

  /// `nil` binds NULL.
  @discardableResult
  package func bind(_ index: Int32, _ text: String?) -> Self {
    if var text {
      text.withUTF8 { utf8 in
        utf8.withMemoryRebound(to: CChar.self) { bytes in
          if let base = bytes.baseAddress {
            _ = csqlite_bind_text(handle, index, base, UInt64(bytes.count))
          } else {
            _ = csqlite_bind_text(handle, index, "", 0)
          }
        }
      }
    } else {
      sqlite3_bind_null(handle, index)
    }
    return self
  }

  @discardableResult
  package func bind(_ index: Int32, _ blob: UnsafeRawBufferPointer) -> Self {
    if let base = blob.baseAddress {
      _ = csqlite_bind_blob(handle, index, base, UInt64(blob.count))
    } else {
      sqlite3_bind_zeroblob(handle, index, 0)
    }
    return self
  }

  /// Binds bytes without a copy; they must stay in place until the statement has run.
  @discardableResult
  package func bind(borrowing blob: UnsafeRawBufferPointer, at index: Int32) -> Self {
    if let base = blob.baseAddress {
      _ = csqlite_bind_blob_borrowed(handle, index, base, UInt64(blob.count))
    } else {
      sqlite3_bind_zeroblob(handle, index, 0)
    }
    return self
  }

  /// Whether there is a row to read.
  package func step() throws(StorageError) -> Bool {
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
