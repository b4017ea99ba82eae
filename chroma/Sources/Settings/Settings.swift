import ChromaServer
import Logging

/// All the server can be told, decided.
struct Settings: Sendable {
  enum LogFormat: String, Sendable { case auto, human, json }

  var server = ServerConfiguration()
  var dataDirectory = "./chroma_data"
  var allowReset = false
  var logFormat = LogFormat.auto
  var logLevel = Logger.Level.info
  /// A file, or `-` for standard error.
  var auditLog: String?
  var access = AccessSettings()
  var tls: TLSFiles?
  /// What was passed over on the way here, for the log at level debug.
  var notes: [String] = []
  /// What its author should know, for the log at level warning.
  var warnings: [String] = []
}

/// Files for TLS. All are read again when they change.
struct TLSFiles: Sendable, Hashable {
  var certificate: String
  var privateKey: String
  /// Only clients with a certificate signed by one of these may connect.
  var clientCA: String?
}
