import Logging
import Testing

@testable import ChromaServer
@testable import chroma

@Suite struct SettingsResolutionTests {
  private func resolve(
    _ environment: [String: String] = [:], flags: SettingsFlags = SettingsFlags(), yaml: String? = nil
  ) throws -> Settings {
    var file: SettingsFile?
    if let yaml { file = try SettingsFile(yaml: yaml, name: "test.yaml") }
    return try Settings.resolve(flags: flags, environment: environment, file: file)
  }

  @Test("Without anything the defaults hold")
  func defaults() throws {
    let settings = try resolve()
    #expect(settings.server.host == "127.0.0.1")
    #expect(settings.server.port == 8000)
    #expect(settings.dataDirectory == "./chroma_data")
    #expect(settings.server.maxBodyBytes == 41_943_040)
    #expect(settings.server.corsAllowOrigins == nil)
    #expect(!settings.allowReset)
    #expect(settings.logFormat == .auto && settings.logLevel == .info)
    #expect(try resolve(yaml: "").server.host == "0.0.0.0", "as the official server with a file")
  }

  @Test(
    "The port is the first of flag, modern, classic, file, PORT, default",
    arguments: [
      (7, "1"), (6, "2"), (5, "3"), (4, "4"), (3, "5"), (2, "8000"),
    ])
  func portPrecedence(sources: Int, expected: String) throws {
    var environment: [String: String] = [:]
    var flags = SettingsFlags()
    var yaml: String?
    if sources >= 7 { flags.port = "1" }
    if sources >= 6 { environment["CHROMA_PORT"] = "2" }
    if sources >= 5 { environment["CHROMA_SERVER_HTTP_PORT"] = "3" }
    if sources >= 4 { yaml = "port: 4" }
    if sources >= 3 { environment["PORT"] = "5" }
    #expect(try resolve(environment, flags: flags, yaml: yaml).server.port == Int(expected))
  }

  @Test("The address is the first of flag, modern, classic, file, default")
  func hostPrecedence() throws {
    var environment = ["CHROMA_LISTEN_ADDRESS": "modern", "CHROMA_SERVER_HOST": "classic", "CHROMA_HOST": "client"]
    var flags = SettingsFlags()
    flags.host = "flag"
    let yaml = "listen_address: file"
    #expect(try resolve(environment, flags: flags, yaml: yaml).server.host == "flag")
    #expect(try resolve(environment, yaml: yaml).server.host == "modern")
    environment["CHROMA_LISTEN_ADDRESS"] = ""
    #expect(try resolve(environment, yaml: yaml).server.host == "classic", "empty is unset")
    environment["CHROMA_SERVER_HOST"] = nil
    #expect(try resolve(environment, yaml: yaml).server.host == "file")
    #expect(try resolve(environment).server.host == "127.0.0.1", "CHROMA_HOST never binds")
  }

  @Test("The data directory is the first of flag, modern, classic, file, default")
  func pathPrecedence() throws {
    var environment = ["CHROMA_PERSIST_PATH": "modern", "PERSIST_DIRECTORY": "classic"]
    var flags = SettingsFlags()
    flags.path = "flag"
    let yaml = "persist_path: file"
    #expect(try resolve(environment, flags: flags, yaml: yaml).dataDirectory == "flag")
    #expect(try resolve(environment, yaml: yaml).dataDirectory == "modern")
    environment["CHROMA_PERSIST_PATH"] = nil
    #expect(try resolve(environment, yaml: yaml).dataDirectory == "classic")
    #expect(try resolve(yaml: yaml).dataDirectory == "file")
  }

  @Test("A CHROMA_PORT that is no number, or comes from a relationship, does not bind")
  func foreignPorts() throws {
    let service = try resolve(["CHROMA_PORT": "tcp://10.0.0.1:8000", "PORT": "9"])
    #expect(service.server.port == 9)
    #expect(service.notes.count == 1)
    let relationship = try resolve(["CHROMA_PORT": "80", "CHROMA_REL": "http", "PORT": "8888"])
    #expect(relationship.server.port == 8888)
    #expect(relationship.notes.count == 1)
  }

  @Test(
    "Values that cannot be understood are refused, with the setting's name",
    arguments: [
      ("CHROMA_PORT", "99999"), ("CHROMA_PORT", "-1"), ("CHROMA_SERVER_HTTP_PORT", "x"), ("PORT", "http"),
      ("CHROMA_MAX_PAYLOAD_SIZE_BYTES", "0"), ("CHROMA_MAX_PAYLOAD_SIZE_BYTES", "9223372036854775807"),
      ("CHROMA_CORS_ALLOW_ORIGINS", "http://a"), ("CHROMA_SERVER_CORS_ALLOW_ORIGINS", "[1]"),
      ("CHROMA_ALLOW_RESET", "maybe"), ("ALLOW_RESET", "2"), ("CHROMA_LOG_LEVEL", "loud"), ("CHROMA_LOG_FORMAT", "xml"),
    ])
  func badEnvironment(name: String, value: String) {
    let error = #expect(throws: SettingsError.self) { try resolve([name: value]) }
    #expect(error?.exitStatus == 78)
    #expect(error?.message.contains(name) == true && error?.message.contains(value) == true)
  }

  @Test("Options that cannot be understood are usage errors")
  func badFlags() {
    for flags in [
      SettingsFlags(port: "99999"), SettingsFlags(port: "eight"), SettingsFlags(maxBodyBytes: "-5"),
      SettingsFlags(logFormat: "xml"), SettingsFlags(logLevel: "loud"),
    ] {
      #expect(throws: SettingsError.self) { try resolve(flags: flags) }
      do { _ = try resolve(flags: flags) } catch { #expect((error as? SettingsError)?.exitStatus == 64) }
    }
  }

  @Test(
    "Both generations of names for the rest, the modern one first, over the file",
    arguments: [
      (["CHROMA_ALLOW_RESET": "false", "ALLOW_RESET": "true"], false), (["ALLOW_RESET": "TRUE"], true),
      (["ALLOW_RESET": "0"], false), ([:], true),
    ])
  func reset(environment: [String: String], expected: Bool) throws {
    #expect(try resolve(environment, yaml: "allow_reset: true").allowReset == expected)
    #expect(try resolve(environment, flags: SettingsFlags(allowReset: true)).allowReset)
  }

  @Test("Origins come from flags, a JSON list or the file")
  func origins() throws {
    let modern = ["CHROMA_CORS_ALLOW_ORIGINS": #"["http://a","http://b"]"#]
    let yaml = "cors_allow_origins: ['*']"
    #expect(
      try resolve(modern, flags: SettingsFlags(corsAllowOrigins: ["http://c"])).server.corsAllowOrigins == ["http://c"])
    #expect(try resolve(modern, yaml: yaml).server.corsAllowOrigins == ["http://a", "http://b"])
    #expect(try resolve(["CHROMA_SERVER_CORS_ALLOW_ORIGINS": "[]"], yaml: yaml).server.corsAllowOrigins == [])
    #expect(try resolve(yaml: yaml).server.corsAllowOrigins == ["*"])
  }

  @Test("Sizes and logging follow the same order")
  func others() throws {
    let environment = [
      "CHROMA_MAX_PAYLOAD_SIZE_BYTES": "10", "CHROMA_LOG_LEVEL": "DEBUG", "CHROMA_LOG_FORMAT": "json",
    ]
    let yaml = "max_payload_size_bytes: 20"
    let settings = try resolve(environment, yaml: yaml)
    #expect(settings.server.maxBodyBytes == 10 && settings.logLevel == .debug && settings.logFormat == .json)
    #expect(try resolve(yaml: yaml).server.maxBodyBytes == 20)
    let flags = SettingsFlags(maxBodyBytes: "30", logFormat: "human", logLevel: "error")
    let flagged = try resolve(environment, flags: flags, yaml: yaml)
    #expect(flagged.server.maxBodyBytes == 30 && flagged.logLevel == .error && flagged.logFormat == .human)
  }
}

@Suite struct SettingsFileTests {
  @Test("The official keys are read, nulls and other keys passed over")
  func keys() throws {
    let file = try SettingsFile(
      yaml: """
        port: 8001
        listen_address: "0.0.0.0"
        persist_path: "/data"
        max_payload_size_bytes: 1000
        cors_allow_origins: ["*"]
        allow_reset: true
        sqlite_filename: x.db
        open_telemetry: {endpoint: "http://x"}
        circuit_breaker: null
        """, name: "c.yaml")
    #expect(file.port == 8001 && file.listenAddress == "0.0.0.0" && file.persistPath == "/data")
    #expect(file.maxPayloadSizeBytes == 1000 && file.corsAllowOrigins == ["*"] && file.allowReset == true)
    #expect(file.ignoredKeys == ["sqlite_filename", "open_telemetry"])
    #expect(try SettingsFile(yaml: "# nothing\n", name: "c.yaml") == SettingsFile())
  }

  @Test(
    "What cannot be understood is named",
    arguments: [
      "port: 99999", "port: eight", "port: [1]", "- a\n- b", "a: [", "just text", "cors_allow_origins: '*'",
      "cors_allow_origins: [[1]]", "allow_reset: 3", "max_payload_size_bytes: -1", "listen_address: [a]",
      "persist_path: {a: b}",
    ])
  func errors(yaml: String) {
    let error = #expect(throws: SettingsError.self) { try SettingsFile(yaml: yaml, name: "c.yaml") }
    #expect(error?.message.hasPrefix("c.yaml") == true)
    #expect(error?.exitStatus == 78)
  }

  @Test("A file that is not there is an error")
  func missing() {
    let error = #expect(throws: SettingsError.self) { try SettingsFile(at: "/nonexistent/c.yaml") }
    #expect(error?.message == "cannot read the configuration file /nonexistent/c.yaml")
  }
}
