import ChromaEngine
import ChromaServer
import Logging

/// All the server can be told, decided.
struct Settings: Sendable {
  enum LogFormat: String, Sendable { case auto, human, json }

  var server = ServerConfiguration()
  var dataDirectory = "./chroma_data"
  /// `nil` where no backups are made over HTTP.
  var backupDirectory: String?
  /// Seconds to wait for another process to let go of the data directory.
  var leaseWaitSeconds = 0
  /// Anonymous bytes that the process is to stay under: open collections and bodies in flight together.
  var memoryBudget = 2 << 30
  var vectorInstructions = VectorInstructions.automatic
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

  /// What is left of the budget for open collections: bodies may take the rest, and the program itself takes a little.
  var engineMemory: Int { max(64 << 20, memoryBudget - server.maxBodyBytesInFlight - 64 << 20) }
}

/// Files for TLS. All are read again when they change.
struct TLSFiles: Sendable, Hashable {
  var certificate: String
  var privateKey: String
  /// Only clients with a certificate signed by one of these may connect.
  var clientCA: String?
}
