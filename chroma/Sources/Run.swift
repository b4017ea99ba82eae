import ArgumentParser
import CMemory
import Foundation
import Logging

/// `chroma run`: read the settings, then serve until a signal.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start the server.",
    discussion: """
      Serves Chroma's API from a data directory until SIGTERM or SIGINT; a second signal ends the process at once. \
      Each setting is looked for in this order: option, environment, configuration file, default. Logs go to \
      standard error.

      SECURITY
        Without credentials everybody who reaches the server may do everything; it listens on the loopback address \
      unless told otherwise, and says so when it does not. Set CHROMA_AUTH_TOKEN to a long random text, or start with \
      --auth auto, to ask for a token. A variable that looks like a security setting and is none stops the start.

      SETTINGS
        Each by its key in the configuration file (YAML, dots for nesting), then its variables, of which the first \
      that is set counts; an empty one counts as unset. "chroma config" shows what they come to.

      \(settingsHelp)

        CHROMA_HOST belongs to clients and never binds. A CHROMA_PORT that is no number, or that comes with CHROMA_REL \
      (from a relationship), is passed over.

      EXIT STATUS
        0   stopped by a signal
        1   could not listen, or could not open the data directory
        64  an option that cannot be understood
        75  another process has the data directory, and still had it after --lease-wait seconds
        78  a configuration file, environment, credential or certificate that cannot be understood
      """)

  @OptionGroup var options: ServerOptions

  /// Two lines a setting.
  private static var settingsHelp: String {
    Setting.all.map { setting in
      let names = ([setting.key] + setting.variables + setting.lastVariables).joined(separator: ", ")
      return (["  \(names)"] + lines(setting.summary, width: 70).map { "        \($0)" }).joined(separator: "\n")
    }
    .joined(separator: "\n")
  }

  /// Broken where a terminal would, so that what follows keeps its indentation.
  private static func lines(_ text: String, width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      if let last = lines.last, !last.isEmpty, last.count + 1 + word.count > width {
        lines.append(String(word))
      } else {
        lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
      }
    }
    return lines
  }

  func run() async throws {
    cm_limit_heap()
    let settings = try orExit { () throws(SettingsError) -> Settings in try self.options.settings().settings }
    let logger = Logger.toStandardError(settings)
    for note in settings.notes { logger.debug("\(note)") }
    for warning in settings.warnings { logger.warning("\(warning)") }
    let status = await serve(settings, logger: logger)
    guard status == 0 else { throw ExitCode(status) }
  }
}

/// Runs `body`; a setting that cannot be understood ends the program with its sentence and status.
func orExit<Value>(_ body: () throws(SettingsError) -> Value) throws -> Value {
  do {
    return try body()
  } catch {
    printError(error.message)
    throw ExitCode(error.exitStatus)
  }
}

/// One line on standard error for whoever started the program.
func printError(_ message: String) {
  FileHandle.standardError.write(Data("chroma: \(message)\n".utf8))
}
