import ChromaModel
import Storage

/// Backups without an engine: what is there, whether it is sound, and back into a data directory. Methods block.
package struct BackupArchive: Sendable {
  private let directory: BackupDirectory

  package init(path: String) { directory = BackupDirectory(path: path) }

  /// Oldest first. What has no manifest that can be read is none.
  package func backups() -> [BackupSummary] { directory.backups().map { BackupSummary($0.manifest, path: $0.path) } }

  /// Checks every byte of the backup at `path`.
  ///
  /// - Parameter progress: gets the bytes read so far, and how many there are.
  /// - Returns: what is in it, and what is wrong with it, in sentences.
  package static func check(
    _ path: String, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(ChromaError) -> (summary: BackupSummary, problems: [String]) {
    let check = try translating { () throws(StorageError) in try BackupCheck(path: path) }
    var done = 0
    let problems = check.problems { bytes in
      done += bytes
      progress(done, check.manifest.byteCount)
    }
    return (BackupSummary(check.manifest, path: path), problems)
  }

  /// Makes a data directory at `target`, which must be empty or not there, out of the backup at `path`.
  ///
  /// - Parameters:
  ///   - progress: gets the bytes written so far, and how many there will be.
  ///   - whenHeld: gets, at most once, a sentence about who may have the directory, before waiting to find out.
  package static func restore(
    _ path: String, to target: String, progress: (Int, Int) -> Void = { _, _ in },
    whenHeld: (String) -> Void = { _ in }
  ) throws(ChromaError) -> BackupSummary {
    try translating { () throws(StorageError) in
      let restoration = try Restoration(of: path, to: target)
      var done = 0
      try restoration.run(
        progress: { bytes in
          done += bytes
          progress(done, restoration.manifest.byteCount)
        }, whenHeld: whenHeld)
      return BackupSummary(restoration.manifest, path: path)
    }
  }

  /// Who holds a data directory now; `nil` when nobody does, or when there is none.
  package static func holder(ofDataDirectory path: String) -> String? { DataDirectory.holder(of: path) }
}
