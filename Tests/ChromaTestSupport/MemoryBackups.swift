package import ChromaModel
import Synchronization

/// Backups that are only remembered: what the server's routes are tested on.
package final class MemoryBackups: BackupAPI {
  private struct State {
    var made: [BackupSummary] = []
    var kept: [Int?] = []
    var running: BackupProgress?
  }

  private let state = Mutex(State())

  package init() {}

  /// What `keep` was, backup by backup.
  package var kept: [Int?] { state.withLock { $0.kept } }

  /// Acts as if a backup were being made.
  package func setRunning(_ progress: BackupProgress?) { state.withLock { $0.running = progress } }

  package func createBackup(keeping count: Int?) async throws(ChromaError) -> BackupSummary {
    try state.withLock { (state) throws(ChromaError) -> BackupSummary in
      if state.running != nil { throw ChromaError(.alreadyExists, "A backup is being made already") }
      var manifest = BackupManifest()
      manifest.name = "chroma-20261121T16200\(state.made.count)Z-00000000.chromabak"
      manifest.created = "2026-11-21T16:20:0\(state.made.count).000Z"
      manifest.files = [BackupManifest.File(path: "catalog.sqlite3", size: 8192, sha256: "")]
      let summary = BackupSummary(manifest, path: "/backups/\(manifest.name)")
      state.made.append(summary)
      state.kept.append(count)
      return summary
    }
  }

  package func backups() async throws(ChromaError) -> [BackupSummary] { state.withLock { $0.made } }

  package func backupProgress() async -> BackupProgress? { state.withLock { $0.running } }
}
