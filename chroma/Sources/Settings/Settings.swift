import ChromaServer
import Logging

/// All the server can be told, decided.
struct Settings: Hashable, Sendable {
  enum LogFormat: String, Sendable { case auto, human, json }

  var server = ServerConfiguration()
  var dataDirectory = "./chroma_data"
  var allowReset = false
  var logFormat = LogFormat.auto
  var logLevel = Logger.Level.info
  /// What was passed over on the way here, for the log at level debug.
  var notes: [String] = []
}

/// A setting that cannot be understood.
struct SettingsError: Error, Hashable {
  enum Source: Sendable { case option, environment, file }

  let source: Source
  /// Names the setting, its value and what was expected.
  let message: String

  /// As `sysexits.h` has them: 64 for the command line, 78 for configuration.
  var exitStatus: Int32 { source == .option ? 64 : 78 }
}

/// What the command line says, as it was written.
struct SettingsFlags: Hashable, Sendable {
  var path: String?
  var host: String?
  var port: String?
  var allowReset = false
  var corsAllowOrigins: [String] = []
  var maxBodyBytes: String?
  var logFormat: String?
  var logLevel: String?
}
