import ArgumentParser
import ChromaEngine
import ChromaModel
import Foundation
import TerminalProgress

extension Backup {
  /// `chroma backup restore`: a backup becomes a data directory.
  struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a data directory out of a backup.",
      discussion: """
        Copies the backup into a directory that is empty, or not there yet, and compares every byte with the manifest on the way. \
        It never touches a directory that holds something: put the restored one beside the old one, look at it, then start \
        the server on it. A restore that was broken off leaves a file named RESTORING, and no server opens such a directory; run \
        the same command again, and it starts over.

        The first request for a large collection takes longer after a restore: its search index is made again.

        EXAMPLES
          chroma backup restore chroma-20261121T162000Z-1a2b3c4d.chromabak \\
            --backup-dir backups --path restored
          chroma run --path restored

        EXIT STATUS
          0   the data directory is there, whole, on stable storage
          1   it is not; standard error says why
          64, 78  as "chroma run" would refuse to start
        """)

    @Argument(help: "The backup's directory, or its name in the backup directory.", completion: .directory)
    var backup: String

    @Option(help: "The directory to make.", completion: .directory)
    var path: String

    @OptionGroup var place: BackupPlace

    @Flag(help: "Print what was restored as one line of JSON.")
    var json = false

    func run() throws {
      let source = backupPath(
        backup, in: try orExit { () throws(SettingsError) -> String? in try self.place.found() })
      let bar = ProgressBar(isSilentElsewhere: true)
      do {
        let summary = try BackupArchive.restore(
          source, to: path, progress: { done, total in bar.show(name: "restore", done: done, total: total) },
          whenHeld: { printError($0) })
        bar.end()
        if json {
          guard case .object(var members) = summary.json else { return }
          members["data_directory"] = .string(path)
          printJSON(.object(members))
        } else {
          print("\(path) is a data directory now: \(contents(summary))")
        }
      } catch {
        bar.end()
        printError(explanation(error))
        throw ExitCode(1)
      }
    }
  }
}
