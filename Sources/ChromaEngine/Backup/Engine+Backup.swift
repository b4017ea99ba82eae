import ChromaModel
import Logging
import Storage
import Synchronization

extension Engine {
  /// Makes a backup of everything in a new directory within `directory`, while everything goes on.
  ///
  /// Each collection is in it as it was at one moment between the call and its return, with every record that was
  /// acknowledged before the call. Nothing of it counts until it is whole and on stable storage.
  ///
  /// - Parameters:
  ///   - version: of the program, for the manifest.
  ///   - names: files at the top of the data directory to take along where they are there.
  /// - Throws: `alreadyExists` while another is being made, `insufficientStorage`, `unavailable` when the engine closes or
  ///   the task is cancelled.
  package func backup(
    to directory: String, version: String, including names: [String] = []
  ) async throws(ChromaError) -> BackupManifest {
    let meter = BackupMeter()
    let started = backup.withLock { running -> Result<RunningBackup, ChromaError> in
      if isClosed.load(ordering: .acquiring) { return .failure(Self.shuttingDown) }
      if let running { return .failure(Self.busy(running.meter.progress)) }
      let task = Task { () -> Result<BackupManifest, ChromaError> in
        let result = await self.makeBackup(in: directory, version: version, including: names, meter)
        self.backup.withLock { $0 = nil }
        return result
      }
      let started = RunningBackup(meter: meter, task: task)
      running = started
      return .success(started)
    }
    let running = try started.get()
    return try await withTaskCancellationHandler {
      await running.task.value
    } onCancel: {
      meter.giveUp()
    }.get()
  }

  /// Ends the backup that is being made, if one is: it throws `unavailable`, as soon as it looks.
  package func giveUpBackup() { backup.withLock { $0?.meter.giveUp() } }

  var isStopping: Bool { services.isStopping.load(ordering: .relaxed) || isClosed.load(ordering: .acquiring) }

  /// How far the backup is that is being made; `nil` when none is.
  package var backupProgress: BackupProgress? { backup.withLock { $0?.meter.progress } }

  private static let shuttingDown = ChromaError(.unavailable, "The server is shutting down")

  private static func busy(_ progress: BackupProgress) -> ChromaError {
    let percent = progress.bytesTotal == 0 ? 0 : 100 * progress.bytesDone / progress.bytesTotal
    return ChromaError(
      .alreadyExists, "A backup is being made already: \(progress.name), \(percent) % done. Ask again when it is there")
  }

  private func makeBackup(
    in directory: String, version: String, including names: [String], _ meter: BackupMeter
  ) async -> Result<BackupManifest, ChromaError> {
    // One thread that gives way to everything else takes digests and waits for the disk.
    let background = WorkerPool(threads: 1, niceness: 10)
    defer { background.stop() }
    var work = BackupWork(engine: self, meter: meter, background: background)
    do throws(ChromaError) {
      return .success(try await work.run(in: directory, version: version, including: names))
    } catch {
      await work.discard()
      services.logger.warning("backup failed", metadata: ["error": "\(error)"])
      return .failure(error)
    }
  }
}
