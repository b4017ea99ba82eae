/// Backups of everything a server holds, made while it serves: what the server asks of whoever keeps the data.
package protocol BackupAPI: Sendable {
  /// Makes a backup and returns when it is whole and on stable storage.
  ///
  /// - Parameter count: older ones than the newest so many are removed afterwards; `nil` removes none.
  /// - Throws: `alreadyExists` while another is being made, `insufficientStorage`, `unavailable` at a shutdown.
  func createBackup(keeping count: Int?) async throws(ChromaError) -> BackupSummary
  /// The backups that are there, oldest first.
  func backups() async throws(ChromaError) -> [BackupSummary]
  /// How far the one is that is being made now.
  func backupProgress() async -> BackupProgress?
}

/// A backup in a line of a list.
package struct BackupSummary: Sendable, Hashable {
  package var name: String
  /// On the server's machine.
  package var path: String
  /// RFC 3339, UTC.
  package var created: String
  package var bytes: Int
  package var collections: Int
  package var records: Int
  package var durationMilliseconds: Int

  package init(_ manifest: BackupManifest, path: String) {
    name = manifest.name
    self.path = path
    created = manifest.created
    bytes = manifest.byteCount
    collections = manifest.collections.count
    records = manifest.recordCount
    durationMilliseconds = manifest.durationMilliseconds
  }

  package var json: JSONValue {
    [
      "name": .string(name), "path": .string(path), "created": .string(created), "bytes": .int(Int64(bytes)),
      "collections": .int(Int64(collections)), "records": .int(Int64(records)),
      "duration_ms": .int(Int64(durationMilliseconds)),
    ]
  }
}

/// How far a backup is. Bytes count half when they are copied and half when their digest is taken.
package struct BackupProgress: Sendable, Hashable {
  package var name: String
  package var bytesDone: Int
  /// As the files were when it began; they may grow.
  package var bytesTotal: Int
  package var collectionsDone: Int
  package var collectionsTotal: Int

  package init(name: String, bytesDone: Int, bytesTotal: Int, collectionsDone: Int, collectionsTotal: Int) {
    self.name = name
    self.bytesDone = bytesDone
    self.bytesTotal = bytesTotal
    self.collectionsDone = collectionsDone
    self.collectionsTotal = collectionsTotal
  }

  package var json: JSONValue {
    [
      "name": .string(name), "bytes_done": .int(Int64(bytesDone)), "bytes_total": .int(Int64(bytesTotal)),
      "collections_done": .int(Int64(collectionsDone)), "collections_total": .int(Int64(collectionsTotal)),
    ]
  }
}
