internal import ChromaModel

/// A server's directory, held exclusively until it is released.
///
///     FORMAT                     the format's number
///     LOCK                       who holds the directory
///     catalog.sqlite3            tenants, databases, collections
///     collections/<id>/          one directory a collection, made by its first write
///     RESTORING                  while a backup is being restored: nobody opens the directory
///
/// Nothing is created or changed before the directory is known to be ours and of a format we write.
package final class DataDirectory: Sendable {
  /// Raised when an older version could no longer read what we write.
  package static let format = 1
  static let formatName = "FORMAT"
  static let lockName = "LOCK"
  static let markerName = "RESTORING"

  package let path: String
  /// To be shown to every database in the directory.
  package let lease: Lease

  /// Takes the directory, making it when it is not there.
  ///
  /// - Parameters:
  ///   - watch: what earlier attempts saw of another holder.
  ///   - whenLost: called once when another process is found to have taken the directory over.
  /// - Throws: ``StorageError`` `.locked`, `.newerFormat`, `.foreignDirectory`,
  ///   `.isBackup`, `.unfinishedRestore`, `.system`.
  package init(
    path: String, watch: inout LeaseWatch, whenLost: @escaping @Sendable () -> Void = {}
  ) throws(StorageError) {
    self.path = path
    guard !Files.exists(path + "/chroma.sqlite3") else { throw .foreignDirectory(path: path) }
    guard !Files.exists("\(path)/\(BackupManifest.fileName)") else { throw .isBackup(path: path) }
    let marker = "\(path)/\(Self.markerName)"
    guard !Files.exists(marker) else { throw .unfinishedRestore(path: path) }
    let formatFile = "\(path)/\(Self.formatName)"
    let isNew = !Files.exists(formatFile)
    if !isNew {
      let text = String(decoding: try Files.read(formatFile), as: UTF8.self)
      guard let found = Int(text.prefix { $0.isNumber }) else {
        throw .damaged(path: formatFile, reason: "no format number in it")
      }
      guard found <= Self.format else { throw .newerFormat(path: path, found: found, supported: Self.format) }
    }
    try Files.makeDirectory(path)
    lease = try Lease(path: "\(path)/\(Self.lockName)", watch: &watch, whenLost: whenLost)
    do throws(StorageError) {
      // A restore that began since then, and ended without its end.
      guard !Files.exists(marker) else { throw .unfinishedRestore(path: path) }
      try Files.makeDirectory(collectionsPath)
      if isNew { try Files.replace(formatFile, with: Array("\(Self.format)\n".utf8)) }
      try Files.syncDirectory(path)
    } catch {
      lease.release()
      throw error
    }
  }

  /// Takes the directory at the first attempt.
  package convenience init(path: String) throws(StorageError) {
    var watch = LeaseWatch()
    try self.init(path: path, watch: &watch)
  }

  /// Lets the next one have it. Everything in it must be closed before.
  package func release() { lease.release() }

  package var catalogPath: String { path + "/catalog.sqlite3" }
  package var collectionsPath: String { path + "/collections" }

  package func collectionPath(_ id: String) -> String { "\(collectionsPath)/\(id)" }

  /// Who holds a directory; `nil` when nobody does, or when there is none.
  package static func holder(of path: String) -> String? { Lease.holder(of: "\(path)/\(lockName)") }
}
