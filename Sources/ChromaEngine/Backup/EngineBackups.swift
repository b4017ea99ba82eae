import ChromaModel
import Logging
import Storage

/// The backups of one engine, kept in one directory.
package struct EngineBackups: BackupAPI {
  private let engine: Engine
  private let directory: String
  private let version: String
  private let names: [String]

  /// - Parameters:
  ///   - directory: made when it is needed.
  ///   - version: of the program, for the manifests.
  ///   - names: files at the top of the data directory to take along where they are there.
  package init(of engine: Engine, in directory: String, version: String, including names: [String] = []) {
    self.engine = engine
    self.directory = directory
    self.version = version
    self.names = names
  }

  package func createBackup(keeping count: Int?) async throws(ChromaError) -> BackupSummary {
    if let count, count < 1 { throw .invalid("keep must be at least 1, not \(count): the new backup stays") }
    let manifest = try await engine.backup(to: directory, version: version, including: names)
    if let count {
      let kept = BackupDirectory(path: directory)
      do {
        try await engine.blocking { () throws(StorageError) in
          _ = try kept.removeOldest(keeping: count, sparing: manifest.name)
        }
      } catch {
        // The backup is there all the same.
        engine.services.logger.warning("could not remove old backups", metadata: ["error": "\(error)"])
      }
    }
    return BackupSummary(manifest, path: "\(directory)/\(manifest.name)")
  }

  package func backups() async throws(ChromaError) -> [BackupSummary] {
    let directory = directory
    return try await engine.blocking { () throws(StorageError) in BackupArchive(path: directory).backups() }
  }

  package func backupProgress() async -> BackupProgress? { engine.backupProgress }
}
