import ChromaModel
import Logging
import Storage
import Synchronization

/// The backups of one engine, kept in one directory.
package struct EngineBackups: BackupAPI {
  private let engine: Engine
  private let directory: String
  private let version: String
  private let names: [String]
  private let known = KnownBackups()

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
      let background = WorkerPool(threads: 1, niceness: 10)
      defer { background.stop() }
      do {
        try await background.run { () throws(ChromaError) in
          try translating { () throws(StorageError) in
            _ = try kept.removeOldest(keeping: count, sparing: manifest.name)
          }
        }
      } catch {
        // The backup is there all the same.
        engine.services.logger.warning("could not remove old backups", metadata: ["error": "\(error)"])
      }
    }
    return BackupSummary(manifest, path: "\(directory)/\(manifest.name)")
  }

  package func backups() async throws(ChromaError) -> [BackupSummary] {
    let (directory, known) = (BackupDirectory(path: directory), known)
    return try await engine.services.openings.run { () throws(ChromaError) in known.summaries(in: directory) }
  }

  package func backupProgress() async -> BackupProgress? { engine.backupProgress }
}

/// Summaries by name: a backup never changes, and the manifest of ten thousand collections takes a while to read.
private final class KnownBackups: Sendable {
  private let known = Mutex<[String: BackupSummary]>([:])

  /// Oldest first.
  func summaries(in directory: BackupDirectory) -> [BackupSummary] {
    let before = known.withLock { $0 }
    var now: [String: BackupSummary] = [:]
    for name in directory.names() {
      now[name] =
        before[name]
        ?? directory.manifest(of: name).map { BackupSummary($0, path: "\(directory.path)/\(name)") }
    }
    let found = now
    known.withLock { $0 = found }
    return now.values.sorted { ($0.created, $0.name) < ($1.created, $1.name) }
  }
}
