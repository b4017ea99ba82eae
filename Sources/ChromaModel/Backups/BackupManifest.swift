/// What a backup says of itself: what is in it, when it was made, and the digest of every file.
///
///     chroma-20261121T162000Z-1a2b3c4d.chromabak/
///         manifest.json               this
///         catalog.sqlite3             tenants, databases, collections
///         collections/<id>.sqlite3    the records of each collection that has any
package struct BackupManifest: Sendable, Hashable {
  /// Raised when an older version could no longer restore what we write.
  package static let currentFormat = 1
  package static let fileName = "manifest.json"

  package struct File: Sendable, Hashable {
    /// Below the backup, with slashes.
    package var path: String
    package var size: Int
    /// In lower-case hexadecimal.
    package var sha256: String

    package init(path: String, size: Int, sha256: String) {
      self.path = path
      self.size = size
      self.sha256 = sha256
    }
  }

  package struct Collection: Sendable, Hashable {
    package var id: Identifier
    package var name: String
    package var path: DatabasePath
    package var dimension: Int?
    package var space: String
    package var count: Int
    /// The greatest version on record: what was written later is not in the backup.
    package var maxVersion: Int

    package init(
      id: Identifier, name: String, path: DatabasePath, dimension: Int?, space: String, count: Int, maxVersion: Int
    ) {
      self.id = id
      self.name = name
      self.path = path
      self.dimension = dimension
      self.space = space
      self.count = count
      self.maxVersion = maxVersion
    }
  }

  package var format = currentFormat
  package var name = ""
  /// RFC 3339, UTC.
  package var created = ""
  package var serverVersion = ""
  /// The data directory's format, and that of the collections' databases.
  package var directoryFormat = 0
  package var recordFormat = 0
  package var collections: [Collection] = []
  package var files: [File] = []
  package var durationMilliseconds = 0

  package init() {}

  package var byteCount: Int { files.reduce(0) { $0 + $1.size } }
  package var recordCount: Int { collections.reduce(0) { $0 + $1.count } }

  /// Where a backup keeps the records of a collection.
  package static func recordsPath(_ id: Identifier) -> String { "collections/\(id).sqlite3" }
}
