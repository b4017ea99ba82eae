import ArgumentParser
import ChromaEngine
import ChromaModel
import Foundation
import Logging
import TerminalProgress

extension Backup {
  /// `chroma backup create`: by the running server, or by itself where none runs.
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a backup.",
      discussion: """
        Asks the server that has the data directory, in its own backup directory (--backup-dir or CHROMA_BACKUP_DIR of \
        the server), and waits until the backup is whole and on stable storage. The server is found as "chroma healthcheck" \
        finds it: by the options and the environment that "chroma run" takes, or by --url. Where no process has the data \
        directory, this one makes the backup itself, and has the directory until it is there: a server that is started \
        meanwhile waits as long as --lease-wait says, and then ends with status 75.

        The path of the backup is the last line on standard output; on a terminal a bar shows how far it is.

        A server that asks for credentials wants a token whose user has the action system:backup (the role admin has): set \
        CHROMA_AUTH_TOKEN, or --auth-token-file. The token that "chroma run --auth auto" made was shown once and is kept \
        nowhere but as its hash: only who wrote it down has it.

        EXAMPLES
          chroma backup create --path data --backup-dir backups --keep 7
          CHROMA_AUTH_TOKEN=… chroma backup create --url https://chroma.example.org

        EXIT STATUS
          0   the backup is there
          1   it is not; standard error says why, and nothing is left of it
          64, 78  as "chroma run" would refuse to start
        """)

    @OptionGroup var options: ServerOptions
    @OptionGroup var server: ServerTarget

    @Option(help: "Remove the oldest backups afterwards, but for so many.")
    var keep: Int?

    @Flag(help: "Print what was made as one line of JSON instead of its path.")
    var json = false

    func run() async throws {
      if let keep, keep < 1 {
        printError("--keep must be at least 1, not \(keep)")
        throw ExitCode(64)
      }
      let bar = ProgressBar(isSilentElsewhere: true)
      do {
        let made = try await make(bar)
        bar.end()
        noteOtherPlace(made)
        if json { printJSON(made) } else { report(made) }
      } catch let error as BackupFailure {
        bar.end()
        printError(error.reason)
        throw ExitCode(1)
      }
    }

    /// The server keeps its backups where it was told to, whatever is said here.
    private func noteOtherPlace(_ made: JSONValue) {
      guard let wanted = options.backupDirectory, case .string(let path)? = made["path"] else { return }
      let place = URL(fileURLWithPath: path).deletingLastPathComponent().resolvingSymlinksInPath().path
      guard place != URL(fileURLWithPath: wanted).resolvingSymlinksInPath().path else { return }
      printError("note: the running server keeps its backups in \(place); --backup-dir counts where none runs")
    }

    private func report(_ made: JSONValue) {
      func int(_ key: String) -> Int { if case .int(let value)? = made[key] { Int(value) } else { 0 } }
      let time = String(format: "%.1f s", Double(int("duration_ms")) / 1000)
      print(
        "\(counted(int("records"), "record")) in \(counted(int("collections"), "collection")), "
          + "\(megabytes(int("bytes"))), in \(time)")
      if case .string(let path)? = made["path"] { print(path) }
    }

    private func make(_ bar: ProgressBar) async throws -> JSONValue {
      let request = try orExit { () throws(SettingsError) -> BackupRequest in
        let environment = ProcessInfo.processInfo.environment
        return BackupRequest(
          probe: try server.probe(options, environment: environment, isTold: true),
          credentials: try backupCredentials(try options.sources(environment: environment)), keep: keep)
      }
      if server.url != nil { return try await request.create(bar) }
      var settings = try orExit { () throws(SettingsError) -> Settings in
        try Settings.resolve(try options.sources())
      }
      // Whoever has the directory is asked; that is the server's setting for something else.
      settings.leaseWaitSeconds = 0
      guard FileManager.default.fileExists(atPath: settings.dataDirectory + "/FORMAT") else {
        throw BackupFailure(
          "\(settings.dataDirectory) is no data directory: name it with --path, or a server with --url")
      }
      let engine: Engine
      do {
        var logger = Logger.toStandardError(settings)
        logger.logLevel = max(settings.logLevel, .warning)
        engine = try await openEngine(settings, logger: logger)
      } catch {
        guard error.code == .unavailable else { throw BackupFailure(explanation(error)) }
        // Whose kernel does not see the lock, on another machine, is asked as well.
        let holder = BackupArchive.holder(ofDataDirectory: settings.dataDirectory) ?? "another process"
        do {
          return try await request.create(bar)
        } catch let failure as BackupFailure where failure.isUnreachable {
          throw BackupFailure(
            "\(settings.dataDirectory) is in use by \(holder), and \(failure.reason): name the server with --url, or "
              + "give the options it was started with")
        }
      }
      do {
        let made = try await makeHere(engine, settings, bar)
        await engine.close()
        return made
      } catch {
        await engine.close()
        throw error
      }
    }

    /// Without a server.
    private func makeHere(_ engine: Engine, _ settings: Settings, _ bar: ProgressBar) async throws -> JSONValue {
      guard let directory = settings.backupDirectory else { throw noBackupDirectory }
      let backups = engine.backups(in: directory)
      let watch = Task {
        while !Task.isCancelled {
          if let progress = await backups.backupProgress() {
            bar.show(name: "backup", done: progress.bytesDone, total: progress.bytesTotal)
          }
          try await Task.sleep(for: .milliseconds(200))
        }
      }
      defer { watch.cancel() }
      do {
        return try await backups.createBackup(keeping: keep).json
      } catch {
        throw BackupFailure(explanation(error))
      }
    }
  }
}

/// Why there is no backup.
struct BackupFailure: Error, Hashable {
  var reason: String
  /// Nobody answered at all.
  var isUnreachable = false

  init(_ reason: String, isUnreachable: Bool = false) {
    self.reason = reason
    self.isUnreachable = isUnreachable
  }
}

let noBackupDirectory = BackupFailure("name the directory of the backups with --backup-dir, or with CHROMA_BACKUP_DIR")
