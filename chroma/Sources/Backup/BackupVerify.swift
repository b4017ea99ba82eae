import ArgumentParser
import ChromaEngine
import ChromaModel
import Foundation
import TerminalProgress

extension Backup {
  /// `chroma backup verify`: reads all of a backup.
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a backup.",
      discussion: """
        Reads every byte and compares it with the manifest: sizes, SHA-256 digests, files that should not be there, \
        SQLite's integrity check of every database, and the numbers of collections and records. Writes nothing. Without \
        BACKUP it checks the newest in the backup directory.

        EXAMPLES
          chroma backup verify --backup-dir backups
          chroma backup verify /mnt/copies/chroma-20261121T162000Z-1a2b3c4d.chromabak

        EXIT STATUS
          0   all of it is as it was written
          1   it is not, or there is none; every finding is a line on standard error
          64, 78  as "chroma run" would refuse to start
        """)

    @Argument(help: "A backup's directory, or its name in the backup directory.", completion: .directory)
    var backup: String?

    @OptionGroup var place: BackupPlace

    @Flag(help: "Print one line of JSON: the backup, and a list of what is wrong.")
    var json = false

    func run() throws {
      let path = try target()
      let bar = ProgressBar(isSilentElsewhere: true)
      let summary: BackupSummary
      let problems: [String]
      do {
        (summary, problems) = try BackupArchive.check(path) { done, total in
          bar.show(name: "verify", done: done, total: total)
        }
      } catch {
        bar.end()
        printError("\(path) cannot be checked: \(explanation(error))")
        throw ExitCode(1)
      }
      bar.end()
      for problem in problems { printError(problem) }
      if json {
        guard case .object(var members) = summary.json else { return }
        members["problems"] = .array(problems.map(JSONValue.string))
        printJSON(.object(members))
      } else if problems.isEmpty {
        print("\(path) is whole: \(contents(summary))")
      }
      guard problems.isEmpty else { throw ExitCode(1) }
    }

    private func target() throws -> String {
      if let backup {
        return backupPath(backup, in: try orExit { () throws(SettingsError) -> String? in try self.place.found() })
      }
      let directory = try place.required()
      guard let newest = BackupArchive(path: directory).backups().last else {
        printError("there is no backup in \(directory)")
        throw ExitCode(1)
      }
      return newest.path
    }
  }
}
