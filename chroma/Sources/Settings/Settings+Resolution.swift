import ChromaAccess
import ChromaEngine
import ChromaServer
import Logging

extension Settings {
  /// The settings that all sources come to: for each the first source that names it.
  static func resolve(_ sources: SettingsSources) throws(SettingsError) -> Settings {
    if let problem = SecurityVariables.problem(in: sources.variables) {
      throw SettingsError(source: .environment, message: problem)
    }
    if let key = sources.emptySecurityKeys.first {
      throw SettingsError(
        source: .file, message: "\(sources.fileName): \(key) has no value: give it one, or take it out")
    }
    if let key = sources.unknownKeys.first(where: SecurityVariables.looksLikeOne) {
      throw SettingsError(
        source: .file,
        message: "\(sources.fileName): \(key) looks like a security setting, and this server has none of that name; "
          + "\"chroma config keys\" lists all")
    }
    var settings = Settings()
    settings.notes = sources.ignoredKeys.map { "The configuration file's key \($0) has no effect here" }
    settings.warnings = sources.unknownKeys.map { "The configuration file's key \($0) is none of this server's" }

    settings.server.host = try sources.host()
    settings.server.port = try sources.port(notes: &settings.notes)
    settings.dataDirectory = try sources.text(.path) ?? settings.dataDirectory
    settings.backupDirectory = try sources.text(.backupDirectory)
    settings.leaseWaitSeconds = try sources.number(.leaseWait, in: 0...86_400) ?? 0
    settings.allowReset = try sources.flag(.allowReset) ?? false
    settings.server.corsAllowOrigins = try sources.origins()
    settings.server.classicClients =
      try sources.choice(.classicClients) { ClassicClients(rawValue: $0) } ?? .auto
    settings.logFormat = try sources.choice(.logFormat) { LogFormat(rawValue: $0) } ?? .auto
    settings.logLevel = try sources.choice(.logLevel) { Logger.Level(rawValue: $0) } ?? .info
    settings.auditLog = try sources.text(.auditLog)
    settings.access = try AccessSettings.resolve(sources, notes: &settings.notes)
    settings.server.derivesPlaceFromIdentity = settings.access.derivesPlaceFromIdentity
    settings.tls = try sources.tls()
    settings.vectorInstructions =
      try sources.choice(.vectorInstructions) { VectorInstructions(rawValue: $0) } ?? .automatic
    settings.memoryBudget =
      try sources.bytes(.memoryBudget, in: (128 << 20)...(1 << 50)) ?? MemoryLimit.standardBudget()
    // A quarter for bodies, so that large uploads and open collections fit together.
    settings.server.maxBodyBytesInFlight = min(settings.server.maxBodyBytesInFlight, settings.memoryBudget / 4)
    try sources.limits(&settings.server)
    // A body that can never be taken is too large, not to be tried again.
    settings.server.maxBodyBytes = min(settings.server.maxBodyBytes, settings.server.maxBodyBytesInFlight)
    let clientVariables = SecurityVariables.clientVariables(in: sources.variables).map {
      "\($0) belongs to clients and protects nothing here"
    }
    // Compose files pass what is not set as empty; that is no protection either.
    if !settings.access.isOn {
      settings.warnings += sources.emptyVariables.filter(SecurityVariables.looksLikeOne).map {
        "\($0) is empty and protects nothing"
      }
    }
    // Whoever set them here may believe otherwise.
    if settings.access.isOn { settings.notes += clientVariables } else { settings.warnings += clientVariables }
    return settings
  }
}

extension SettingsSources {
  fileprivate func host() throws(SettingsError) -> String {
    guard let given = find(.host) else { return hasFile ? "0.0.0.0" : "127.0.0.1" }
    guard !given.isStructure, !given.text.isEmpty else { throw Setting.host.error(about: given) }
    // As in a URL.
    if given.text.hasPrefix("["), given.text.hasSuffix("]") { return String(given.text.dropFirst().dropLast()) }
    return given.text
  }

  fileprivate func port(notes: inout [String]) throws(SettingsError) -> Int {
    guard var given = find(.port) else { return 8000 }
    // Kubernetes sets tcp://… for a service of that name, Upsun the other side's port for a relationship.
    if given.name == "CHROMA_PORT" {
      let isRelationship = variable(in: ["CHROMA_REL"]) != nil
      if isRelationship || Int(given.text) == nil {
        notes.append(
          isRelationship
            ? "CHROMA_PORT comes from a relationship and does not bind" : "CHROMA_PORT is no number and does not bind")
        var rest = Setting.port
        rest.variables.removeAll { $0 == "CHROMA_PORT" }
        guard let next = find(rest) else { return 8000 }
        given = next
      }
    }
    return try Setting.port.number(given, in: 0...65_535)
  }

  fileprivate func origins() throws(SettingsError) -> [String]? {
    guard let origins = try list(.corsAllowOrigins), let given = find(.corsAllowOrigins) else { return nil }
    for origin in origins where origin != "*" && !origin.contains("://") {
      throw Setting.corsAllowOrigins.error(
        about: given, "names \"\(origin)\", which is no origin such as https://example.org")
    }
    return origins
  }

  fileprivate func tls() throws(SettingsError) -> TLSFiles? {
    let (certificate, key) = (try text(.certificateFile), try text(.privateKeyFile))
    let clientCA = try text(.clientCAFile)
    if let certificate, let key { return TLSFiles(certificate: certificate, privateKey: key, clientCA: clientCA) }
    for setting in [Setting.certificateFile, .privateKeyFile, .clientCAFile] {
      guard let given = find(setting) else { continue }
      throw setting.error(
        about: given, "needs CHROMA_SSL_CERTFILE and CHROMA_SSL_KEYFILE, of which one is missing: TLS would be off")
    }
    return nil
  }

  fileprivate func limits(_ server: inout ServerConfiguration) throws(SettingsError) {
    let anyCount = 1...Int(UInt32.max)
    server.maxBodyBytes = try number(.maxBodyBytes, in: 1...(1 << 30)) ?? server.maxBodyBytes
    server.maxRequestsInFlight =
      try number(.maxRequestsInFlight, in: 1...1_000_000) ?? server.maxRequestsInFlight
    server.maxBodyBytesInFlight =
      try number(.maxBodyBytesInFlight, in: 1...(1 << 40)) ?? server.maxBodyBytesInFlight
    server.limits.maxRecords = try number(.maxRecords, in: anyCount) ?? server.limits.maxRecords
    server.limits.maxResults = try number(.maxResults, in: anyCount) ?? server.limits.maxResults
    server.limits.maxFilterDepth = try number(.maxFilterDepth, in: 1...64) ?? server.limits.maxFilterDepth
    server.limits.maxFilterTerms = try number(.maxFilterTerms, in: anyCount) ?? server.limits.maxFilterTerms
    server.limits.maxRegexBytes = try number(.maxRegexBytes, in: 1...(1 << 20)) ?? server.limits.maxRegexBytes
    server.requestsPerSecond = try number(.requestsPerSecond, in: 0...1_000_000).flatMap { $0 == 0 ? nil : $0 }
    server.idleTimeoutSeconds = try number(.idleTimeout, in: 1...86_400).map(Int64.init) ?? server.idleTimeoutSeconds
    server.headTimeoutSeconds = try number(.headTimeout, in: 1...86_400).map(Int64.init) ?? server.headTimeoutSeconds
    server.minBodyBytesPerSecond = try number(.minBodyRate, in: 0...(1 << 30)) ?? server.minBodyBytesPerSecond
    if let texts = try list(.trustedProxies), let given = find(.trustedProxies) {
      for text in texts {
        guard let network = AddressRange(text) else {
          throw Setting.trustedProxies.error(about: given, "names \"\(text)\", which is no address or network")
        }
        server.trustedProxies.append(network)
      }
    }
  }
}
