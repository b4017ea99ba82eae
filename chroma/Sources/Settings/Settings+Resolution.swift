import ChromaModel
import ChromaServer
import Logging

extension Settings {
  /// The settings that flags, environment and file come to: for each the first source that names it.
  ///
  /// - Parameter environment: an empty value counts as unset.
  static func resolve(
    flags: SettingsFlags, environment: [String: String], file: SettingsFile?
  ) throws(SettingsError) -> Settings {
    let environment = Environment(environment)
    var settings = Settings()
    settings.notes = (file?.ignoredKeys ?? []).map { "The configuration file's key \($0) has no effect here" }

    settings.server.host =
      flags.host ?? environment.first("CHROMA_LISTEN_ADDRESS", "CHROMA_SERVER_HOST")?.value
      ?? file?.listenAddress ?? (file == nil ? "127.0.0.1" : "0.0.0.0")
    settings.server.port = try port(flags, environment, file, notes: &settings.notes)
    settings.dataDirectory =
      flags.path ?? environment.first("CHROMA_PERSIST_PATH", "PERSIST_DIRECTORY")?.value ?? file?.persistPath
      ?? "./chroma_data"

    if let text = flags.maxBodyBytes {
      settings.server.maxBodyBytes = try bodySize(text, "--max-body-bytes", .option)
    } else if let (name, text) = environment.first("CHROMA_MAX_PAYLOAD_SIZE_BYTES") {
      settings.server.maxBodyBytes = try bodySize(text, name, .environment)
    } else if let bytes = file?.maxPayloadSizeBytes {
      settings.server.maxBodyBytes = bytes
    }

    if !flags.corsAllowOrigins.isEmpty {
      settings.server.corsAllowOrigins = flags.corsAllowOrigins
    } else if let (name, text) = environment.first("CHROMA_CORS_ALLOW_ORIGINS", "CHROMA_SERVER_CORS_ALLOW_ORIGINS") {
      settings.server.corsAllowOrigins = try origins(text, name)
    } else {
      settings.server.corsAllowOrigins = file?.corsAllowOrigins
    }

    if flags.allowReset {
      settings.allowReset = true
    } else if let (name, text) = environment.first("CHROMA_ALLOW_RESET", "ALLOW_RESET") {
      settings.allowReset = try flag(text, name)
    } else {
      settings.allowReset = file?.allowReset ?? false
    }

    settings.logFormat =
      try choice(flags.logFormat, "--log-format", environment, "CHROMA_LOG_FORMAT", "auto, human or json") {
        LogFormat(rawValue: $0)
      } ?? .auto
    settings.logLevel =
      try choice(
        flags.logLevel, "--log-level", environment, "CHROMA_LOG_LEVEL",
        "trace, debug, info, notice, warning, error or critical"
      ) { Logger.Level(rawValue: $0) } ?? .info
    return settings
  }

  /// What the largest body may be set to, in bytes: all bodies together may hold no more than the upper bound.
  static let bodySizes = 1...(1 << 30)

  /// The names that are set to something.
  private struct Environment {
    private let values: [String: String]

    init(_ values: [String: String]) { self.values = values.filter { !$0.value.isEmpty } }

    /// The first of `names` that is set.
    func first(_ names: String...) -> (name: String, value: String)? {
      for name in names {
        if let value = values[name] { return (name, value) }
      }
      return nil
    }
  }

  private static func port(
    _ flags: SettingsFlags, _ environment: Environment, _ file: SettingsFile?, notes: inout [String]
  ) throws(SettingsError) -> Int {
    if let text = flags.port { return try port(text, "--port", .option) }
    if let (name, text) = environment.first("CHROMA_PORT") {
      // Kubernetes sets tcp://… for a service of that name, Upsun the other side's port for a relationship.
      if environment.first("CHROMA_REL") != nil {
        notes.append("CHROMA_PORT comes from a relationship and does not bind")
      } else if Int(text) == nil {
        notes.append("CHROMA_PORT is no number and does not bind")
      } else {
        return try port(text, name, .environment)
      }
    }
    if let (name, text) = environment.first("CHROMA_SERVER_HTTP_PORT") { return try port(text, name, .environment) }
    if let port = file?.port { return port }
    if let (name, text) = environment.first("PORT") { return try port(text, name, .environment) }
    return 8000
  }

  private static func port(_ text: String, _ name: String, _ source: SettingsError.Source) throws(SettingsError) -> Int
  {
    guard let number = Int(text), (0...65_535).contains(number) else {
      throw SettingsError(source: source, message: "\(name) must be a port, 0 to 65535, not \"\(text)\"")
    }
    return number
  }

  private static func bodySize(
    _ text: String, _ name: String, _ source: SettingsError.Source
  ) throws(SettingsError) -> Int {
    guard let number = Int(text), bodySizes.contains(number) else {
      throw SettingsError(
        source: source, message: "\(name) must be a number of bytes, 1 to \(bodySizes.upperBound), not \"\(text)\"")
    }
    return number
  }

  private static func flag(_ text: String, _ name: String) throws(SettingsError) -> Bool {
    switch text.lowercased() {
    case "true", "1", "yes", "on", "t", "y": return true
    case "false", "0", "no", "off", "f", "n": return false
    default: throw SettingsError(source: .environment, message: "\(name) must be true or false, not \"\(text)\"")
    }
  }

  private static func origins(_ text: String, _ name: String) throws(SettingsError) -> [String] {
    guard case .array(let elements)? = try? JSONValue(parsing: text) else {
      throw SettingsError(source: .environment, message: "\(name) must be a JSON list of origins, not \(text)")
    }
    var origins: [String] = []
    for element in elements {
      guard case .string(let origin) = element else {
        throw SettingsError(source: .environment, message: "\(name) must be a JSON list of origins, not \(text)")
      }
      origins.append(origin)
    }
    return origins
  }

  private static func choice<Value>(
    _ flag: String?, _ flagName: String, _ environment: Environment, _ variable: String, _ expected: String,
    _ read: (String) -> Value?
  ) throws(SettingsError) -> Value? {
    let given: (source: SettingsError.Source, name: String, text: String)
    if let flag {
      given = (.option, flagName, flag)
    } else if let (name, text) = environment.first(variable) {
      given = (.environment, name, text)
    } else {
      return nil
    }
    guard let value = read(given.text.lowercased()) else {
      throw SettingsError(source: given.source, message: "\(given.name) must be \(expected), not \"\(given.text)\"")
    }
    return value
  }
}
