import Logging
import Testing

@testable import ChromaServer
@testable import chroma

@Suite struct SettingsResolutionTests {
  private func resolve(
    _ environment: [String: String] = [:], options: [String: String] = [:], yaml: String? = nil
  ) throws -> Settings { try Settings(environment, options: options, yaml: yaml) }

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
    var options: [String: String] = [:]
    var yaml: String?
    if sources >= 7 { options["--port"] = "1" }
    if sources >= 6 { environment["CHROMA_PORT"] = "2" }
    if sources >= 5 { environment["CHROMA_SERVER_HTTP_PORT"] = "3" }
    if sources >= 4 { yaml = "port: 4" }
    if sources >= 3 { environment["PORT"] = "5" }
    #expect(try resolve(environment, options: options, yaml: yaml).server.port == Int(expected))
  }

  @Test("The address is the first of flag, modern, classic, file, default")
  func hostPrecedence() throws {
    var environment = ["CHROMA_LISTEN_ADDRESS": "modern", "CHROMA_SERVER_HOST": "classic", "CHROMA_HOST": "client"]
    var options: [String: String] = [:]
    options["--host"] = "flag"
    let yaml = "listen_address: file"
    #expect(try resolve(environment, options: options, yaml: yaml).server.host == "flag")
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
    var options: [String: String] = [:]
    options["--path"] = "flag"
    let yaml = "persist_path: file"
    #expect(try resolve(environment, options: options, yaml: yaml).dataDirectory == "flag")
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
    for (option, value) in [
      ("--port", "99999"), ("--port", "eight"), ("--max-body-bytes", "-5"), ("--log-format", "xml"),
      ("--log-level", "loud"), ("--host", ""), ("--cors-allow-origin", "foo"), ("--auth", "maybe"),
    ] {
      let error = #expect(throws: SettingsError.self) { try resolve(options: [option: value]) }
      #expect(error?.exitStatus == 64)
      #expect(error?.message.hasPrefix(option) == true)
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
    #expect(try resolve(environment, options: ["--allow-reset": "true"]).allowReset)
  }

  @Test("Origins come from flags, a JSON list or the file")
  func origins() throws {
    let modern = ["CHROMA_CORS_ALLOW_ORIGINS": #"["http://a","http://b"]"#]
    let yaml = "cors_allow_origins: ['*']"
    #expect(
      try resolve(modern, options: ["--cors-allow-origin": "http://c"]).server.corsAllowOrigins == ["http://c"])
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
    let options = ["--max-body-bytes": "30", "--log-format": "human", "--log-level": "error"]
    let flagged = try resolve(environment, options: options, yaml: yaml)
    #expect(flagged.server.maxBodyBytes == 30 && flagged.logLevel == .error && flagged.logFormat == .human)
  }
}

@Suite struct SettingsFileTests {
  @Test("Keys are read, nested ones too; nulls are passed over, the official server's ignored, others reported")
  func keys() throws {
    let file = try SettingsFile(
      yaml: """
        port: 8001
        listen_address: "0.0.0.0"
        cors_allow_origins: ["*"]
        allow_reset: true
        sqlite_filename: x.db
        open_telemetry: {endpoint: "http://x"}
        circuit_breaker: null
        auth: {provider: token, jwt: {issuer: me}, providr: basic}
        limits:
          idle_seconds: 50
        listen_adress: a
        """, name: "c.yaml")
    #expect(
      file.values.mapValues(\.text) == [
        "port": "8001", "listen_address": "0.0.0.0", "cors_allow_origins": #"["*"]"#, "allow_reset": "true",
        "auth.provider": "token", "auth.jwt.issuer": "me", "limits.idle_seconds": "50",
      ])
    #expect(file.ignoredKeys == ["open_telemetry", "sqlite_filename"])
    #expect(file.unknownKeys == ["auth.providr", "listen_adress"])
    #expect(try SettingsFile(yaml: "# nothing\n", name: "c.yaml").values.isEmpty)
  }

  @Test(
    "What cannot be understood is named",
    arguments: [
      "port: 99999", "port: eight", "port: [1]", "- a\n- b", "a: [", "just text", "cors_allow_origins: '*'",
      "cors_allow_origins: [[1]]", "allow_reset: 3", "max_payload_size_bytes: -1", "listen_address: [a]",
      "persist_path: {a: b}", "port: 1\nport: 2", "limits: {filter_depth: 65}", "auth: {providr: token}", "auth:",
      "auth: {token: null}", "tls: {certificate_file: ~}",
    ])
  func errors(yaml: String) {
    let error = #expect(throws: SettingsError.self) { try Settings([:], yaml: yaml) }
    #expect(error?.message.hasPrefix("c.yaml") == true)
    #expect(error?.exitStatus == 78)
  }

  @Test("A text whose anchors unfold to more than can be kept is refused")
  func anchors() {
    var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...8 {
      let list = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      yaml += "a\(level): &a\(level) [\(list)]\n"
    }
    #expect(throws: SettingsError.self) { try SettingsFile(yaml: yaml, name: "c.yaml") }
  }

  @Test("A file that is not there is an error")
  func missing() {
    let error = #expect(throws: SettingsError.self) { try SettingsFile(at: "/nonexistent/c.yaml") }
    #expect(error?.message == "cannot read the configuration file /nonexistent/c.yaml")
  }
}

extension Settings {
  /// What an environment, options and a file called c.yaml come to.
  init(_ environment: [String: String], options: [String: String] = [:], yaml: String? = nil) throws {
    var file: SettingsFile?
    if let yaml { file = try SettingsFile(yaml: yaml, name: "c.yaml") }
    self = try Settings.resolve(
      SettingsSources(options: options.mapValues { [$0] }, environment: environment, file: file))
  }
}
