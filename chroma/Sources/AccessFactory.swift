import AsyncHTTPClient
import ChromaAccess
import ChromaModel
import ChromaServer
import Foundation
import Logging
import NIOCore
import NIOHTTP1

/// Reads the files that the settings name and puts authentication together.
///
/// - Returns: `nil` where it is off.
/// - Throws: for a file that cannot be read or understood; never with a secret in the message.
func makeAccessControl(_ settings: AccessSettings, logger: Logger) async throws(SettingsError) -> AccessControl? {
  guard settings.isOn, !settings.makesToken else { return nil }
  let policy = try makePolicy(settings.policy)
  var tokenUsers = policy.tokenUsers
  var passwords: PasswordVerifier?
  switch settings.credentials {
  case .passwords(let content)?:
    let text = try content.read()
    passwords = PasswordVerifier(
      try content.understood { () throws(AccessError) in try PasswordTable(htpasswd: text) },
      freeFailures: settings.freeFailures)
  case .tokens(let content)?:
    let text = try content.read()
    let users = try content.understood { () throws(AccessError) in try parseTokens(text) }
    // A user whose token stands in both places is one user.
    tokenUsers = users + tokenUsers
  case nil: break
  }
  for user in tokenUsers {
    if let role = user.role, !policy.hasRole(role) {
      throw SettingsError(
        source: .environment, message: "the user \(user.id) has the role \(role), which is no role: it could do nothing"
      )
    }
  }
  for warning in tokenUsers.flatMap(\.warnings) { logger.warning("\(warning)") }
  let tokens = try orExplain("the tokens") { () throws(AccessError) in try TokenTable(tokenUsers) }
  let signedTokens = try await makeVerifier(settings.signedTokens, policy: policy, logger: logger)
  guard passwords != nil || signedTokens != nil || !tokens.isEmpty else {
    throw SettingsError(
      source: .environment,
      message:
        "roles are configured, but nobody could say who they are: set CHROMA_SERVER_AUTHN_PROVIDER with credentials")
  }
  return AccessControl(
    authenticator: Authenticator(
      policy: policy, passwords: passwords, tokens: tokens.isEmpty ? nil : tokens, signedTokens: signedTokens,
      transport: settings.transport),
    publicPatterns: settings.publicPatterns)
}

/// Access by the one token that the data directory keeps the hash of; made, and printed once, where there is none.
func accessByOwnToken(_ settings: Settings) throws -> AccessControl {
  let digest = try OwnToken(dataDirectory: settings.dataDirectory).loadOrMake { token in
    let message = """
      This server asks for a token from now on. It is shown this once; only its hash is kept.

          \(token)

      Clients send it as "Authorization: Bearer TOKEN" or "X-Chroma-Token: TOKEN".

      """
    // Not print(), whose buffer would keep it until the end.
    FileHandle.standardOutput.write(Data(message.utf8))
  }
  let tokens = try TokenTable([TokenUser(id: "anonymous", tokens: [digest])])
  return AccessControl(
    authenticator: Authenticator(policy: .everything, tokens: tokens, transport: settings.access.transport),
    publicPatterns: settings.access.publicPatterns)
}

/// One line is a token; more are YAML that names users.
private func parseTokens(_ text: String) throws(AccessError) -> [TokenUser] {
  let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
  guard lines.count > 1 || lines.first.map({ $0.hasPrefix("{") }) ?? false else {
    return try TokenUsers.parse(token: text)
  }
  let json: JSONValue
  do throws(YAMLError) {
    json = try JSONValue(yaml: text)
  } catch {
    throw AccessError("they are not YAML: \(error.reason)")
  }
  return try TokenUsers.parse(json, requiresTokens: true)
}

private func makePolicy(_ content: AccessSettings.Content?) throws(SettingsError) -> AccessPolicy {
  guard let content else { return .everything }
  let text = try content.read()
  return try content.understood { () throws(AccessError) in
    let json: JSONValue
    do throws(YAMLError) {
      json = try JSONValue(yaml: text)
    } catch {
      throw AccessError("they are not YAML: \(error.reason)")
    }
    return try AccessPolicy(json)
  }
}

private func makeVerifier(
  _ settings: SignedTokenSettings?, policy: AccessPolicy, logger: Logger
) async throws(SettingsError) -> SignedTokenVerifier? {
  guard let settings else { return nil }
  var configuration = SignedTokenConfiguration()
  configuration.issuer = settings.issuer
  configuration.audience = settings.audience
  configuration.userClaim = settings.userClaim
  configuration.roleClaim = settings.roleClaim
  configuration.tenantClaim = settings.tenantClaim
  configuration.databasesClaim = settings.databasesClaim
  configuration.defaultRole = settings.defaultRole
  if let role = settings.defaultRole, !policy.hasRole(role) {
    throw SettingsError(source: .environment, message: "\(Setting.jwtDefaultRole.key) is \"\(role)\", which is no role")
  }
  if settings.audience == nil {
    logger.warning("\(Setting.jwtAudience.key) is not set: tokens this issuer made for others are taken, too")
  }
  do {
    return try await SignedTokenVerifier(
      configuration, policy: policy, fetch: { try await settings.keys.fetch() },
      report: { logger.warning("\($0)") }, now: { Date().timeIntervalSince1970 })
  } catch {
    throw SettingsError(source: .environment, message: error.message)
  }
}

/// Follows no redirect: keys are believed because of where they come from.
private let keyClient = HTTPClient(
  eventLoopGroupProvider: .singleton, configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))

extension SignedTokenSettings.Keys {
  /// The key set as text; one of more than a megabyte is none.
  fileprivate func fetch() async throws -> String {
    switch self {
    case .file(let path):
      guard let data = FileManager.default.contents(atPath: path) else { throw AccessError("cannot read \(path)") }
      return String(decoding: data, as: UTF8.self)
    case .url(let url):
      do {
        return try await withDeadline(.seconds(10)) {
          let response = try await keyClient.execute(HTTPClientRequest(url: url), timeout: .seconds(10))
          guard response.status == .ok else { throw AccessError("\(redacted(url)) answered \(response.status.code)") }
          return String(buffer: try await response.body.collect(upTo: 1 << 20))
        }
      } catch is DeadlineError {
        throw AccessError("\(redacted(url)) did not answer in time")
      }
    }
  }
}

extension AccessSettings.Content {
  fileprivate func read() throws(SettingsError) -> String {
    switch self {
    case .text(let text): return text
    case .file(let path):
      guard let data = FileManager.default.contents(atPath: path) else {
        throw SettingsError(source: .environment, message: "cannot read \(path), which authentication needs")
      }
      guard let text = String(validating: data, as: UTF8.self) else {
        throw SettingsError(source: .environment, message: "\(path) is not text in UTF-8")
      }
      // Some editors begin a file so.
      return text.hasPrefix("\u{feff}") ? String(text.dropFirst()) : text
    }
  }

  /// Runs `body`; what it cannot understand is said with the file's name.
  fileprivate func understood<Value>(_ body: () throws(AccessError) -> Value) throws(SettingsError) -> Value {
    let name =
      switch self {
      case .text: "credentials or roles"
      case .file(let path): path
      }
    return try orExplain(name, body)
  }
}

private func orExplain<Value>(_ name: String, _ body: () throws(AccessError) -> Value) throws(SettingsError) -> Value {
  do { return try body() } catch { throw SettingsError(source: .environment, message: "\(name): \(error.message)") }
}
