import ChromaAccess
import ChromaModel
import ChromaServer
import ChromaTestSupport
import Foundation
import Testing

@testable import chroma

@Suite("Security settings")
struct SecuritySettingsTests {
  private func problem(_ environment: [String: String], options: [String: String] = [:]) -> String? {
    do {
      _ = try Settings(environment, options: options)
      return nil
    } catch { return (error as? SettingsError)?.message ?? "\(error)" }
  }

  @Test(
    "A variable that looks like a security setting and is none stops the start, with what to write instead",
    arguments: [
      ("CHROMA_SERVER_AUTHN_PROVIDR", "write CHROMA_SERVER_AUTHN_PROVIDER"),
      ("CHROMA_SERVER_AUTH_TOKEN", "write CHROMA_AUTH_TOKEN"), ("CHROMA_TOKEN", "write CHROMA_AUTH_TOKEN"),
      ("chroma_server_authn_credentials", "write CHROMA_SERVER_AUTHN_CREDENTIALS"),
      ("CHROMA_SERVER_SSL_KEYFILE", "write CHROMA_SSL_KEYFILE"), ("CHROMA_PASSWORD", "perhaps you mean"),
      ("CHROMA_REQUIRE_ATUH", "write CHROMA_REQUIRE_AUTH"),
      ("CHROMA_MAX_FAILED_ATEMPTS", "write CHROMA_MAX_FAILED_ATTEMPTS"),
      ("CHORMA_AUTH_TOKEN", "write CHROMA_AUTH_TOKEN"), ("CHROMA_LISTEN_ADRESS", "write CHROMA_LISTEN_ADDRESS"),
      ("CHROMA_REQUIRE_LOGIN", "perhaps you mean"), ("CHROMA_USERS", "perhaps you mean"),
      ("CHROMA_SERVER_RBAC_FILE", "perhaps you mean"), ("CHROMA_OIDC_ISSUER", "perhaps you mean"),
    ])
  func unknownVariables(name: String, advice: String) {
    let problem = problem([name: "x"])
    #expect(problem?.hasPrefix(name) == true)
    #expect(problem?.contains(advice) == true, "\(problem ?? "accepted")")
  }

  @Test("Variables of clients, of telemetry, empty ones and other programs' are let pass")
  func otherVariables() throws {
    let settings = try Settings([
      "CHROMA_CLIENT_AUTH_PROVIDER": "x", "CHROMA_CLIENT_AUTH_CREDENTIALS": "x", "CHROMA_SSL": "true",
      "CHROMA_OTEL_COLLECTION_HEADERS": "{}", "CHROMA_SERVER_AUTHN_PROVIDR": "", "GITHUB_TOKEN": "x",
      "AUTH_TOKEN": "x",
    ])
    #expect(!settings.access.isOn)
    #expect(settings.warnings.count == 4, "\(settings.warnings)")
    let protected = try Settings(["CHROMA_SSL": "true", "CHROMA_AUTH_TOKEN": "t"])
    #expect(protected.warnings.isEmpty && protected.notes.count == 1)
  }

  @Test("Variables of a relationship, of an image and of a service link keep no server from starting")
  func innocentVariables() throws {
    var environment: [String: String] = ["CHROMA_REL": "http", "CHROMA_PORT": "80"]
    for name in [
      "HOST", "SCHEME", "PATH", "QUERY", "FRAGMENT", "PUBLIC", "USERNAME", "PASSWORD", "SERVICE", "TYPE", "CLUSTER",
      "IP", "HOSTNAME", "EPOCH", "HOST_MAPPED", "INSTANCE_IPS", "HOST_ADDR", "HOST_PORT", "WORKERS", "LOG_CONFIG",
      "TIMEOUT_KEEP_ALIVE", "API_IMPL", "SERVER_NOFILE", "SERVER_THREAD_POOL_SIZE", "MEMORY_LIMIT_BYTES",
      "SEGMENT_CACHE_POLICY", "SERVER_HEADERS", "SQLITE_FILENAME", "SERVICE_PORT_HTTP", "PORT_8000_TCP_ADDR",
      "SERVER_API_DEFAULT_PATH", "ENABLE_SCHEMA", "DB_IMPL", "MIGRATIONS", "SERVICE_HOST",
    ] { environment["CHROMA_" + name] = "x" }
    _ = try Settings(environment)
  }

  @Test(
    "Providers of every generation mean what they meant",
    arguments: [
      "basic", "BASIC", "chromadb.auth.basic.BasicAuthServerProvider",
      "chromadb.auth.basic_authn.BasicAuthenticationServerProvider",
    ], ["CHROMA_SERVER_AUTHN", "CHROMA_SERVER_AUTH"])
  func basic(provider: String, prefix: String) throws {
    let settings = try Settings([prefix + "_PROVIDER": provider, prefix + "_CREDENTIALS_FILE": "f"])
    #expect(settings.access.credentials == .passwords(.file("f")))
  }

  @Test(
    "Token providers likewise",
    arguments: [
      "token", "chromadb.auth.token.TokenAuthServerProvider",
      "chromadb.auth.token_authn.TokenAuthenticationServerProvider",
    ])
  func token(provider: String) throws {
    let settings = try Settings([
      "CHROMA_SERVER_AUTHN_PROVIDER": provider, "CHROMA_SERVER_AUTHN_CREDENTIALS": "t",
      "CHROMA_AUTH_TOKEN_TRANSPORT_HEADER": "X_CHROMA_TOKEN",
      "CHROMA_SERVER_AUTHZ_PROVIDER": "chromadb.auth.simple_rbac_authz.SimpleRBACAuthorizationProvider",
      "CHROMA_SERVER_AUTHZ_CONFIG_FILE": "roles.yaml",
    ])
    #expect(settings.access.credentials == .tokens(.text("t")))
    #expect(settings.access.transport == .chromaToken)
    #expect(settings.access.policy == .file("roles.yaml"))
  }

  @Test(
    "What would protect nothing is refused",
    arguments: [
      ["CHROMA_SERVER_AUTHN_CREDENTIALS": "t"], ["CHROMA_SERVER_AUTHN_PROVIDER": "token"],
      ["CHROMA_SERVER_AUTHN_PROVIDER": "my.Provider", "CHROMA_SERVER_AUTHN_CREDENTIALS": "t"],
      ["CHROMA_SERVER_AUTHZ_PROVIDER": "rbac"],
      ["CHROMA_SERVER_AUTHZ_PROVIDER": "x", "CHROMA_SERVER_AUTHZ_CONFIG": "{}"],
      ["CHROMA_AUTH_TOKEN": "t", "CHROMA_AUTH_TOKEN_FILE": "f"],
      [
        "CHROMA_SERVER_AUTHN_PROVIDER": "token", "CHROMA_SERVER_AUTHN_CREDENTIALS": "t",
        "CHROMA_SERVER_AUTHN_CREDENTIALS_FILE": "f",
      ],
      ["CHROMA_REQUIRE_AUTH": "1"], ["CHROMA_AUTH": "off", "CHROMA_AUTH_TOKEN": "t"],
      ["CHROMA_AUTH": "auto", "CHROMA_AUTH_TOKEN": "t"], ["CHROMA_AUTH_TOKEN_TRANSPORT_HEADER": "Cookie"],
      ["CHROMA_JWT_ISSUER": "me"], ["CHROMA_JWT_JWKS_URL": "http://example.org/keys"],
      ["CHROMA_JWT_JWKS_URL": "http://127.0.0.1.example.org/keys"],
      ["CHROMA_JWT_JWKS_URL": "https://a", "CHROMA_JWT_JWKS_FILE": "f"], ["CHROMA_SSL_CERTFILE": "c"],
      ["CHROMA_SSL_CLIENT_CA": "c"], ["CHROMA_PUBLIC_PATHS": #"["/api/v2/reset"]"#], ["CHROMA_PUBLIC_PATHS": "x"],
      ["CHROMA_SERVER_AUTH_IGNORE_PATHS": #"{"/api/v2/tenants":["GET"]}"#],
      ["CHROMA_SERVER_AUTH_CREDENTIALS_PROVIDER": "x"], ["CHROMA_AUTH_TOKEN_TRANSPORT_HEADER": "Authorization"],
      ["CHROMA_PUBLIC_PATHS": #"["/api/v2/heartbeat"]"#],
      ["CHROMA_OVERWRITE_SINGLETON_TENANT_DATABASE_ACCESS_FROM_AUTH": "true"],
      [
        "CHROMA_SERVER_AUTHN_PROVIDER": "token", "CHROMA_SERVER_AUTHN_CREDENTIALS_FILE": "f",
        "CHROMA_SERVER_AUTH_CREDENTIALS_FILE": "g",
      ],
      [
        "CHROMA_SERVER_AUTHN_PROVIDER": "token", "CHROMA_SERVER_AUTHN_CREDENTIALS": "t", "CHROMA_AUTH_TOKEN_FILE": "f",
      ], ["CHROMA_TRUSTED_PROXIES": #"["10.0.0.0/33"]"#],
    ])
  func refused(environment: [String: String]) {
    #expect(problem(environment) != nil)
  }

  @Test("One token turns authentication on, unless other credentials do")
  func oneToken() throws {
    #expect(try Settings(["CHROMA_AUTH_TOKEN": "t"]).access.credentials == .tokens(.text("t")))
    #expect(try Settings([:], options: ["--auth-token-file": "f"]).access.credentials == .tokens(.file("f")))
    let both = try Settings([
      "CHROMA_AUTH_TOKEN": "t", "CHROMA_SERVER_AUTHN_PROVIDER": "basic", "CHROMA_SERVER_AUTHN_CREDENTIALS": "u:h",
    ])
    #expect(both.access.credentials == .passwords(.text("u:h")))
    #expect(both.notes.contains { $0.hasPrefix("CHROMA_AUTH_TOKEN is passed over") })
  }

  @Test("One token may come beside a file of roles")
  func tokenWithRoles() throws {
    let settings = try Settings(["CHROMA_AUTH_TOKEN": "t", "CHROMA_SERVER_AUTHZ_CONFIG_FILE": "roles.yaml"])
    #expect(settings.access.credentials == .tokens(.text("t")))
    #expect(settings.access.policy == .file("roles.yaml"))
  }

  @Test(
    "A secret in a file that is not YAML is in no message",
    arguments: ["tokens: [@secret1]", "a: %secret1", "x: `secret1"])
  func brokenYAML(text: String) {
    let error = #expect(throws: YAMLError.self) { try JSONValue(yaml: text) }
    #expect(error?.reason.contains("secret1") == false)
    #expect(error?.reason.contains("line 1") == true)
  }

  @Test("Scalars are kept as they are written")
  func scalars() throws {
    #expect(
      try JSONValue(yaml: "[off, 007, 1.50, yes, ~, '~', null, 0x1F]")
        == ["off", "007", "1.50", "yes", .null, "~", .null, "0x1F"])
    #expect(try Settings([:], yaml: "auth: {mode: off}\nclassic_clients: off").server.classicClients == .off)
  }

  @Test("Nothing turns authentication on by itself, auto and credentials satisfy who requires it")
  func modes() throws {
    #expect(try !Settings([:]).access.isOn)
    #expect(try !Settings(["CHROMA_AUTH": "off"]).access.isOn)
    #expect(try Settings(["CHROMA_AUTH": "auto", "CHROMA_REQUIRE_AUTH": "1"]).access.makesToken)
    #expect(try Settings(["CHROMA_AUTH_TOKEN": "t", "CHROMA_REQUIRE_AUTH": "1"]).access.isOn)
    #expect(problem([:], options: ["--require-auth": "true"])?.hasPrefix("--require-auth") == true)
  }

  @Test("No message holds a secret, nor does the report of settings")
  func secrets() throws {
    let secret = "s3cr3t-value"
    for environment in [
      ["CHROMA_SERVER_AUTHN_CREDENTIALS": secret], ["CHROMA_AUTH": "off", "CHROMA_AUTH_TOKEN": secret],
      ["CHROMA_SERVER_AUTHZ_CONFIG": secret, "CHROMA_SERVER_AUTHZ_CONFIG_FILE": "f"],
      ["CHROMA_SERVER_AUTHN_PROVIDR": secret],
    ] {
      let found = try #require(self.problem(environment))
      #expect(!found.contains(secret), "\(found)")
    }
    let report = settingsReport(
      SettingsSources(environment: [
        "CHROMA_AUTH_TOKEN": secret, "CHROMA_SERVER_AUTHN_CREDENTIALS": secret, "CHROMA_SERVER_AUTHZ_CONFIG": secret,
        "CHROMA_JWT_JWKS_URL": "https://user:\(secret)@host/keys",
      ]))
    #expect(!report.contains(secret))
    #expect(report.contains("(secret)  [CHROMA_AUTH_TOKEN]"))
    #expect(report.contains("https://***@host/keys"))
    #expect(report.split(separator: "\n").count == Setting.all.count)
  }

  @Test("A public route to this app needs authentication")
  func platformRoutes() throws {
    func environment(_ routes: String, app: String? = "chroma") -> [String: String] {
      var environment = ["PLATFORM_ROUTES": Data(routes.utf8).base64EncodedString()]
      environment["PLATFORM_APPLICATION_NAME"] = app
      return environment
    }
    let here = environment(#"{"https://a.b/":{"type":"upstream","upstream":"chroma:http"}}"#)
    let elsewhere = environment(
      #"{"https://a.b/":{"type":"upstream","upstream":"myapp:http"},"https://c/":{"type":"redirect","to":"https://a.b/"}}"#
    )
    let error = #expect(throws: SettingsError.self) { try PlatformRoutes.check(here, isProtected: false) }
    #expect(error?.message.contains("https://a.b/") == true)
    #expect(throws: SettingsError.self) { try PlatformRoutes.check(["PLATFORM_ROUTES": "%"], isProtected: false) }
    #expect(throws: SettingsError.self) { try PlatformRoutes.check(environment("{}", app: nil), isProtected: false) }
    try PlatformRoutes.check(here, isProtected: true)
    try PlatformRoutes.check(elsewhere, isProtected: false)
    try PlatformRoutes.check([:], isProtected: false)
  }

  @Test("A .env file with security variables is not passed over in silence")
  func dotEnv() {
    let both = "\u{feff}CHROMA_AUTH_TOKEN=t\nA=1\nexport CHROMA_SERVER_AUTHZ_CONFIG_FILE=f\n"
    #expect(securityVariables(inDotEnv: both) == ["CHROMA_AUTH_TOKEN", "CHROMA_SERVER_AUTHZ_CONFIG_FILE"])
    #expect(securityVariables(inDotEnv: "chroma_auth_token = x") == ["CHROMA_AUTH_TOKEN"])
    #expect(securityVariables(inDotEnv: "# CHROMA_AUTH_TOKEN=x\nCHROMA_PORT=1\nCHROMA_AUTH_TOKEN=") == [])
  }

  @Test("A server makes its own token once and keeps only the hash")
  func ownToken() throws {
    let directory = try TemporaryDirectory()
    let own = OwnToken(dataDirectory: directory.path)
    var shown: [String] = []
    let digest = try own.loadOrMake { shown.append($0) }
    #expect(shown.count == 1 && TokenDigest(of: shown[0]) == digest)
    #expect(try own.loadOrMake { shown.append($0) } == digest)
    #expect(shown.count == 1)
    let kept = try String(contentsOfFile: directory.path + "/access-token.sha256", encoding: .utf8)
    #expect(!kept.contains(shown[0]) && kept.hasPrefix("sha256:"))
    let mode = try FileManager.default.attributesOfItem(atPath: directory.path + "/access-token.sha256")[
      .posixPermissions]
    #expect(mode as? Int == 0o600)
    try Data("nonsense".utf8).write(to: URL(fileURLWithPath: directory.path + "/access-token.sha256"))
    #expect(throws: SettingsError.self) { try own.loadOrMake { shown.append($0) } }
  }
}

@Suite("YAML of whatever kind")
struct HostileYAMLTests {
  private static let valid = """
    roles_mapping:
      admin: { actions: [system:reset, "collection:add", &read read] }
    users:
      - { id: root, role: admin, tokens: [a-long-random-text], tenant: "*", databases: ['*'] }
      - id: |
          reader
        role: *read
        tokens: ["sha256:0000", 7, ~, 1.5, 0x1F, no]
    """

  @Test("Mutated files are read or refused", arguments: [20_261_121, 7])
  func mutations(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var accepted = 0
    for _ in 0..<5_000 {
      var bytes = Array(Self.valid.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.insert(Array("{}[]&*:-!|>'\"%@`#,?\n\t \0".utf8).randomElement(using: &generator) ?? 0, at: place)
        case 2: bytes.remove(at: place)
        default:
          let end = min(bytes.count, place + Int.random(in: 1...20, using: &generator))
          bytes.insert(contentsOf: Array(bytes[place..<end]), at: Int.random(in: 0...bytes.count, using: &generator))
        }
      }
      let text = String(decoding: bytes, as: UTF8.self)
      guard let json = try? JSONValue(yaml: text) else { continue }
      accepted += 1
      _ = try? AccessPolicy(json)
      _ = try? TokenUsers.parse(json, requiresTokens: true)
      _ = try? SettingsFile(yaml: text, name: "fuzz.yaml")
    }
    #expect(accepted > 500, "seed \(seed): the mutations are not too wild to be read")
  }
}
