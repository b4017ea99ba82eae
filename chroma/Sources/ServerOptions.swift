import ArgumentParser
import Foundation

/// What the command line can say about the server; `run`, `config` and `healthcheck` share it.
struct ServerOptions: ParsableArguments {
  @Argument(help: "Configuration file in YAML.", completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(help: Self.help(.path), completion: .directory)
  var path: String?

  @Option(name: .customLong("backup-dir"), help: Self.help(.backupDirectory), completion: .directory)
  var backupDirectory: String?

  @Option(help: Self.help(.host))
  var host: String?

  @Option(help: Self.help(.port))
  var port: String?

  @Option(name: .customLong("lease-wait"), help: Self.help(.leaseWait))
  var leaseWait: String?

  @Option(name: .customLong("memory-budget"), help: Self.help(.memoryBudget))
  var memoryBudget: String?

  @Flag(name: .customLong("allow-reset"), help: Self.help(.allowReset))
  var allowReset = false

  @Option(
    name: .customLong("cors-allow-origin"), help: "Origin whose pages may call the server, or \"*\"; repeatable.")
  var corsAllowOrigins: [String] = []

  @Option(help: ArgumentHelp(Setting.auth.summary, valueName: "auto|off"))
  var auth: String?

  @Flag(name: .customLong("require-auth"), help: Self.help(.requireAuth))
  var requireAuth = false

  @Option(
    name: .customLong("auth-token-file"), help: "File with one token that may do everything.",
    completion: .file())
  var authTokenFile: String?

  @Option(name: .customLong("ssl-certfile"), help: Self.help(.certificateFile), completion: .file())
  var certificateFile: String?

  @Option(name: .customLong("ssl-keyfile"), help: Self.help(.privateKeyFile), completion: .file())
  var privateKeyFile: String?

  @Option(name: .customLong("ssl-client-ca"), help: Self.help(.clientCAFile), completion: .file())
  var clientCAFile: String?

  @Option(name: .customLong("audit-log"), help: Self.help(.auditLog), completion: .file())
  var auditLog: String?

  @Option(name: .customLong("max-body-bytes"), help: Self.help(.maxBodyBytes))
  var maxBodyBytes: String?

  @Option(name: .customLong("log-format"), help: Self.help(.logFormat, "auto, human or json. "))
  var logFormat: String?

  @Option(
    name: .customLong("log-level"),
    help: Self.help(.logLevel, "trace, debug, info, notice, warning, error or critical. "))
  var logLevel: String?

  private static func help(_ setting: Setting, _ start: String = "") -> ArgumentHelp {
    let standard = ["", "none", "false"].contains(setting.standard) ? "" : " (default: \(setting.standard))"
    return ArgumentHelp(stringLiteral: start + setting.summary + standard)
  }

  /// The values given, by option.
  var given: [String: [String]] {
    let single: [(Setting, String?)] = [
      (.path, path), (.backupDirectory, backupDirectory), (.leaseWait, leaseWait), (.memoryBudget, memoryBudget),
      (.host, host), (.port, port), (.auth, auth), (.authTokenFile, authTokenFile),
      (.certificateFile, certificateFile), (.privateKeyFile, privateKeyFile), (.clientCAFile, clientCAFile),
      (.auditLog, auditLog), (.maxBodyBytes, maxBodyBytes), (.logFormat, logFormat), (.logLevel, logLevel),
      (.allowReset, allowReset ? "true" : nil), (.requireAuth, requireAuth ? "true" : nil),
    ]
    var given: [String: [String]] = [:]
    for (setting, value) in single {
      if let option = setting.option, let value { given[option] = [value] }
    }
    if let option = Setting.corsAllowOrigins.option, !corsAllowOrigins.isEmpty { given[option] = corsAllowOrigins }
    return given
  }

  /// The command line over the environment over the file.
  ///
  /// - Throws: ``SettingsError`` for a file that cannot be read.
  func sources(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(SettingsError) -> SettingsSources {
    var file: SettingsFile?
    if let config { file = try SettingsFile(at: config) }
    return SettingsSources(options: given, environment: environment, file: file)
  }

  /// The settings, after every check that could keep the server from starting.
  func settings() throws(SettingsError) -> (settings: Settings, sources: SettingsSources) {
    let sources = try sources()
    try checkDotEnvFile(in: FileManager.default.currentDirectoryPath, sources)
    let settings = try Settings.resolve(sources)
    try PlatformRoutes.check(sources.variables, isProtected: settings.access.isOn)
    return (settings, sources)
  }
}
