#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What can go wrong below the engine.
package enum StorageError: Error, Sendable, CustomStringConvertible {
  /// A system call failed: what was tried, on which path, `errno`.
  case system(operation: String, path: String, code: Int32)
  /// No space left; nothing was written.
  case diskFull(path: String)
  case sqlite(code: Int32, message: String, path: String)
  /// Bytes that are not what we wrote. Derived state with this error is thrown away and made again.
  case damaged(path: String, reason: String)
  /// The directory was written by a later version.
  case newerFormat(path: String, found: Int, supported: Int)
  /// The directory holds a database of Chroma's official server.
  case foreignDirectory(path: String)
  /// Used after it was closed.
  case closed(path: String)
  /// Another process has the directory, or may have it: a record was found that somebody may still renew.
  case locked(path: String, holder: String, isCertain: Bool)
  /// Another process has taken the directory over; nothing was written.
  case leaseLost(path: String)
  /// It cannot be found out whether the directory is still this process's; nothing was written.
  case leaseUnproven(path: String)
  /// Too little space for what is about to be written, found out before it: bytes.
  case tooLittleSpace(path: String, needed: Int, free: Int)
  /// A restore into the directory was begun and has not come to its end.
  case unfinishedRestore(path: String)
  /// A backup, which nothing may be written into.
  case isBackup(path: String)
  /// The directory a backup is to be restored to holds something.
  case notEmpty(path: String)

  package var description: String {
    switch self {
    case .system(let operation, let path, let code): "\(operation) \(path): \(String(errorNumber: code))"
    case .diskFull(let path): "no space left on the disk of \(path)"
    case .sqlite(let code, let message, let path): "SQLite error \(code) on \(path): \(message)"
    case .closed(let path): "\(path) is closed"
    case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
    case .newerFormat(let path, let found, let supported):
      "\(path) was written in format \(found); this version reads up to format \(supported) and has changed nothing. "
        + "Start a newer version on it."
    case .foreignDirectory(let path):
      "\(path) holds chroma.sqlite3: it is a data directory of the official Chroma server, whose format this server "
        + "does not read. Nothing was changed. Choose another --path."
    case .tooLittleSpace(let path, let needed, let free):
      "not enough space at \(path): \(Self.megabytes(needed)) MB are needed and \(Self.megabytes(free)) MB are free. "
        + "Nothing was written."
    case .unfinishedRestore(let path):
      "\(path) is half a restored backup: the restore was broken off. Run the same \"chroma backup restore\" again, "
        + "which starts over, or remove the directory."
    case .isBackup(let path):
      "\(path) is a backup, or lies in one, and nothing is written into backups. Nothing was changed. Make a data "
        + "directory of it elsewhere: chroma backup restore BACKUP --path DIRECTORY"
    case .notEmpty(let path):
      "\(path) is not empty: a backup is restored into an empty directory, or one that is not there yet. Nothing was "
        + "changed."
    case .locked(let path, let holder, true):
      "\(path) is in use by \(holder). Two servers must not share a data directory: stop that one, or choose another "
        + "--path."
    case .locked(let path, let holder, false):
      "\(path) was last used by \(holder), which may still run on another machine; watching whether it does."
    case .leaseUnproven(let path):
      "\(path): the record of its data directory's holder (LOCK) cannot be read or renewed, so another process may hold it"
    case .leaseLost(let path): "\(path): another process has taken the data directory over"
    }
  }

  private static func megabytes(_ bytes: Int) -> Int { (bytes + 999_999) / 1_000_000 }
}

extension StorageError {
  /// Whether derived state with this error is to be thrown away: it is not what was written, or not there.
  package var isDamage: Bool {
    switch self {
    case .damaged: true
    case .system(_, _, let code): code == ENOENT
    default: false
    }
  }
}
