import ArgumentParser
import ChromaEngine
import ChromaModel
import Foundation

extension Backup {
  /// `chroma backup list`: what is in the backup directory.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the backups.",
      discussion: """
        Oldest first: name, when it was begun (UTC), records, collections, size. Looks into the backup directory and asks no \
        server. What was broken off is not a backup and is not listed; the next "chroma backup create" removes it.

        EXAMPLES
          chroma backup list --backup-dir backups
          chroma backup list --json | python3 -m json.tool

        EXIT STATUS
          0   listed, even if there are none
          1   no backup directory is set
          64, 78  as "chroma run" would refuse to start
        """)

    @OptionGroup var place: BackupPlace

    @Flag(help: "Print one line of JSON: a list.")
    var json = false

    func run() throws {
      let backups = BackupArchive(path: try place.required()).backups()
      if json {
        printJSON(.array(backups.map(\.json)))
        return
      }
      let columns = backups.map { backup in
        [
          backup.name, String(backup.created.prefix(19)), counted(backup.records, "record"),
          counted(backup.collections, "collection"), megabytes(backup.bytes),
        ]
      }
      for row in columns {
        let cells = row.indices.map { column in
          let width = columns.map(\.[column].count).max() ?? 0
          let padding = String(repeating: " ", count: width - row[column].count)
          return column < 2 ? row[column] + padding : padding + row[column]
        }
        print(cells.joined(separator: "  "))
      }
    }
  }
}

/// Where the backups are: as "chroma run" is told.
struct BackupPlace: ParsableArguments {
  @Option(name: .customLong("backup-dir"), help: "Where backups are kept.", completion: .directory)
  var directory: String?

  @Option(help: "Configuration file in YAML.", completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  /// `nil` where nothing says.
  func found(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(SettingsError) -> String? {
    var file: SettingsFile?
    if let config { file = try SettingsFile(at: config) }
    let options = directory.map { ["--backup-dir": [$0]] } ?? [:]
    return try SettingsSources(options: options, environment: environment, file: file).text(.backupDirectory)
  }

  /// - Throws: the end of the program, with its sentence, where nothing says.
  func required() throws -> String {
    if let found = try orExit({ () throws(SettingsError) -> String? in try self.found() }) { return found }
    printError(noBackupDirectory.reason)
    throw ExitCode(1)
  }
}
