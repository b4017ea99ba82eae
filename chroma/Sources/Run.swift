import ArgumentParser
import Foundation
import Logging

/// `chroma run`: read the settings, then serve until a signal.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start the server.",
    discussion: """
      Serves Chroma's API v2 from a data directory until SIGTERM or SIGINT; a second signal ends the process at once. \
      Each setting is looked for in this order: option, environment, configuration file, default. Logs go to \
      standard error.

      ENVIRONMENT
        CHROMA_LISTEN_ADDRESS, CHROMA_SERVER_HOST
              Address to listen on.
        CHROMA_PORT, CHROMA_SERVER_HTTP_PORT
              Port to listen on.
        PORT
              Port to listen on when the configuration file names none either.
        CHROMA_PERSIST_PATH, PERSIST_DIRECTORY
              Data directory.
        CHROMA_MAX_PAYLOAD_SIZE_BYTES
              Largest request body.
        CHROMA_CORS_ALLOW_ORIGINS, CHROMA_SERVER_CORS_ALLOW_ORIGINS
              JSON list of origins, such as ["https://example.org"].
        CHROMA_ALLOW_RESET, ALLOW_RESET
              true or false.
        CHROMA_LOG_FORMAT, CHROMA_LOG_LEVEL
              As the options.

        Of two names the first that is set counts; an empty value counts as unset. CHROMA_HOST belongs to \
      clients and never binds. A CHROMA_PORT that is no number, or that comes with CHROMA_REL (from a relationship), \
      is passed over.

      CONFIGURATION FILE (YAML)
        port, listen_address, persist_path, max_payload_size_bytes, cors_allow_origins, allow_reset. Other keys are \
      ignored, with a line in the log at level debug.

      EXIT STATUS
        0   stopped by a signal
        1   could not listen, or could not open the data directory
        64  an option that cannot be understood
        78  a configuration file or environment that cannot be understood
      """)

  @Argument(help: "Configuration file in YAML.", completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(help: "Data directory, made when it is not there. (default: ./chroma_data)", completion: .directory)
  var path: String?

  @Option(help: "Address to listen on. (default: 127.0.0.1; with a configuration file 0.0.0.0)")
  var host: String?

  @Option(help: "Port to listen on. (default: 8000)")
  var port: String?

  @Flag(name: .customLong("allow-reset"), help: "Let clients remove everything with POST /api/v2/reset.")
  var allowReset = false

  @Option(name: .customLong("cors-allow-origin"), help: "Origin whose pages may call the server, or \"*\"; repeatable.")
  var corsAllowOrigins: [String] = []

  @Option(name: .customLong("max-body-bytes"), help: "Largest request body accepted. (default: 41943040)")
  var maxBodyBytes: String?

  @Option(
    name: .customLong("log-format"),
    help: "auto, human or json; auto is human on a terminal and json elsewhere. (default: auto)")
  var logFormat: String?

  @Option(
    name: .customLong("log-level"),
    help: "trace, debug, info, notice, warning, error or critical. (default: info)")
  var logLevel: String?

  var flags: SettingsFlags {
    SettingsFlags(
      path: path, host: host, port: port, allowReset: allowReset, corsAllowOrigins: corsAllowOrigins,
      maxBodyBytes: maxBodyBytes, logFormat: logFormat, logLevel: logLevel)
  }

  private func settings() throws(SettingsError) -> Settings {
    var file: SettingsFile?
    if let config { file = try SettingsFile(at: config) }
    return try Settings.resolve(flags: flags, environment: ProcessInfo.processInfo.environment, file: file)
  }

  func run() async throws {
    let settings: Settings
    do {
      settings = try self.settings()
    } catch {
      printError(error.message)
      throw ExitCode(error.exitStatus)
    }
    let logger = Logger.toStandardError(settings)
    for note in settings.notes { logger.debug("\(note)") }
    guard await serve(settings, logger: logger) else { throw ExitCode(1) }
  }
}

/// One line on standard error for whoever started the program.
func printError(_ message: String) {
  FileHandle.standardError.write(Data("chroma: \(message)\n".utf8))
}
