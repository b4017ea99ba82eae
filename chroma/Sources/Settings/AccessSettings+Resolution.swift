import ChromaAccess
import ChromaModel
import ChromaServer

extension AccessSettings {
  /// What the sources say about authentication. Whatever cannot be understood, or would have no effect, is an error:
  /// nobody is to believe in a protection that is not there.
  ///
  /// - Parameter notes: gets what was passed over for a good reason.
  static func resolve(_ sources: SettingsSources, notes: inout [String]) throws(SettingsError) -> AccessSettings {
    var access = AccessSettings()
    access.isRequired = try sources.flag(.requireAuth) ?? false
    if let failures = try sources.number(.failedAttempts, in: 0...1_000_000) {
      access.freeFailures = failures == 0 ? nil : failures
    }
    access.derivesPlaceFromIdentity = try sources.flag(.overwriteSingleton) ?? false
    access.transport = try sources.transport() ?? .any
    access.publicPatterns = try sources.publicPatterns()
    access.policy = try sources.policy()
    access.signedTokens = try sources.signedTokens()
    access.credentials = try sources.credentials()
    try sources.checkCredentialsProvider()

    let mode = try sources.choice(.auth) { ["auto", "off"].contains($0) ? $0 : nil }
    if let token = try sources.oneToken() {
      // The variable may be there for a client that shares the environment; the rest was meant for the server.
      if access.credentials != nil || access.signedTokens != nil {
        guard token.given.name == "CHROMA_AUTH_TOKEN" else {
          throw Setting.authToken.error(
            about: token.given, "is set, but other credentials are configured: leave one of the two out")
        }
        notes.append("CHROMA_AUTH_TOKEN is passed over: other credentials are configured")
      } else {
        access.credentials = .tokens(token.content)
      }
    }
    switch mode {
    case "auto":
      guard !access.isOn else {
        throw sources.contradiction(.auth, "is auto, but credentials are configured: leave one of the two out")
      }
      access.makesToken = true
    case "off":
      guard !access.isOn else {
        throw sources.contradiction(.auth, "is off, but credentials are configured: leave one of the two out")
      }
      access.isDeclined = true
    default: break
    }
    try sources.checkAliases()
    if !access.isOn { try sources.checkNothingIsMeant() }
    if access.isRequired, !access.isOn {
      throw sources.contradiction(
        .requireAuth,
        "asks for authentication, and none is configured: set CHROMA_AUTH_TOKEN, or CHROMA_SERVER_AUTHN_PROVIDER with "
          + "credentials, or --auth auto")
    }
    return access
  }
}

extension SettingsSources {
  /// Two names of one setting with two values: one of them would be passed over.
  fileprivate func checkAliases() throws(SettingsError) {
    for setting in Setting.authentication + Setting.tls {
      let set = setting.variables.compactMap { variable(in: [$0]) }
      guard let first = set.first, let other = set.first(where: { $0.text != first.text }) else { continue }
      throw setting.error(about: other, "and \(first.name) say different things: leave one of the two out")
    }
  }

  /// What only makes sense with authentication, without it: somebody believes that it is on.
  fileprivate func checkNothingIsMeant() throws(SettingsError) {
    for setting in [
      Setting.tokenTransportHeader, .publicPaths, .credentialsProvider, .overwriteSingleton,
    ] {
      guard let given = find(setting) else { continue }
      if setting == .overwriteSingleton, try flag(setting) == false { continue }
      throw setting.error(
        about: given, "is set, but authentication is off: set credentials too, or leave it out")
    }
  }

  fileprivate func contradiction(_ setting: Setting, _ sentence: String) -> SettingsError {
    guard let given = find(setting) else { return SettingsError(source: .environment, message: sentence) }
    return setting.error(about: given, sentence)
  }

  /// One of two settings, of which the second names a file. Both is an error.
  fileprivate func content(
    _ inline: Setting, _ file: Setting
  ) throws(SettingsError) -> (given: GivenValue, content: AccessSettings.Content)? {
    let (text, path) = (find(inline), find(file))
    if let text, let path {
      throw file.error(about: path, "and \(text.name) are both set: leave one of the two out")
    }
    if let text { return (text, .text(text.text)) }
    if let path {
      guard !path.isStructure else { throw file.error(about: path) }
      return (path, .file(path.text))
    }
    return nil
  }

  fileprivate func oneToken() throws(SettingsError) -> (given: GivenValue, content: AccessSettings.Content)? {
    try content(.authToken, .authTokenFile)
  }

  fileprivate func credentials() throws(SettingsError) -> AccessSettings.Credentials? {
    let found = try content(.authnCredentials, .authnCredentialsFile)
    guard let provider = find(.authnProvider) else {
      guard let found else { return nil }
      throw Setting.authnCredentials.error(
        about: found.given,
        "is set, but what the credentials are is not: set CHROMA_SERVER_AUTHN_PROVIDER to token or basic")
    }
    guard let kind = ClassNames.authentication[provider.text.lowercased()] else {
      throw Setting.authnProvider.error(
        about: provider, "is \"\(provider.text)\", which this server does not have: write token or basic")
    }
    guard let found else {
      throw Setting.authnProvider.error(
        about: provider,
        "is set, but there are no credentials: set CHROMA_SERVER_AUTHN_CREDENTIALS or CHROMA_SERVER_AUTHN_CREDENTIALS_FILE"
      )
    }
    return kind == .passwords ? .passwords(found.content) : .tokens(found.content)
  }

  fileprivate func policy() throws(SettingsError) -> AccessSettings.Content? {
    let found = try content(.authzConfig, .authzConfigFile)
    if let provider = find(.authzProvider) {
      guard ClassNames.authorization.contains(provider.text.lowercased()) else {
        throw Setting.authzProvider.error(
          about: provider, "is \"\(provider.text)\", which this server does not have: write rbac")
      }
      guard found != nil else {
        throw Setting.authzProvider.error(
          about: provider,
          "is set, but there are no roles: set CHROMA_SERVER_AUTHZ_CONFIG or CHROMA_SERVER_AUTHZ_CONFIG_FILE")
      }
    }
    return found?.content
  }

  /// Chroma 0.4 said twice what the credentials are. The second has no effect here, but a wrong one is an error.
  fileprivate func checkCredentialsProvider() throws(SettingsError) {
    guard let given = find(.credentialsProvider) else { return }
    guard ClassNames.credentials.contains(given.text.lowercased()) else {
      throw Setting.credentialsProvider.error(
        about: given,
        "is \"\(given.text)\", which this server does not have: leave it out, CHROMA_SERVER_AUTHN_PROVIDER says enough")
    }
  }

  fileprivate func transport() throws(SettingsError) -> TokenTransport? {
    try choice(.tokenTransportHeader) { text in
      switch text.replacing("_", with: "-") {
      case "authorization": .authorization
      case "x-chroma-token": .chromaToken
      default: nil
      }
    }
  }

  /// A list of paths, or Chroma's own map from paths to methods.
  fileprivate func publicPatterns() throws(SettingsError) -> Set<String>? {
    guard let given = find(.publicPaths) else { return nil }
    var paths: [String] = []
    switch try? JSONValue(parsing: given.text) {
    case .array(let elements)?:
      for element in elements {
        guard case .string(let path) = element else { throw Setting.publicPaths.error(about: given) }
        paths.append(path)
      }
    case .object(let members)?: paths = members.keys.sorted()
    default: throw Setting.publicPaths.error(about: given)
    }
    for path in paths where !RouteTable.openPatterns.contains(path) {
      let open = RouteTable.openPatterns.sorted().joined(separator: ", ")
      throw Setting.publicPaths.error(about: given, "names \(path), which cannot be public; these can: \(open)")
    }
    return Set(paths)
  }

  fileprivate func signedTokens() throws(SettingsError) -> SignedTokenSettings? {
    let (file, url) = (find(.jwksFile), find(.jwksURL))
    guard file != nil || url != nil else {
      for setting in [
        Setting.jwtIssuer, .jwtAudience, .jwtUserClaim, .jwtRoleClaim, .jwtTenantClaim, .jwtDatabasesClaim,
        .jwtDefaultRole,
      ] {
        guard let given = find(setting) else { continue }
        throw setting.error(
          about: given, "is set, but signed tokens are not on: set CHROMA_JWT_JWKS_FILE or CHROMA_JWT_JWKS_URL")
      }
      return nil
    }
    if let file, let url {
      throw Setting.jwksURL.error(about: url, "and \(file.name) are both set: leave one of the two out")
    }
    var tokens = SignedTokenSettings(keys: .file(file?.text ?? ""))
    if let url {
      // http is for tests and sidecars on this machine: keys from elsewhere must not be anybody's.
      guard url.text.hasPrefix("https://") || url.text.isLoopbackURL else {
        throw Setting.jwksURL.error(about: url, "must be an https URL")
      }
      tokens.keys = .url(url.text)
    }
    tokens.issuer = try text(.jwtIssuer)
    tokens.audience = try text(.jwtAudience)
    tokens.userClaim = try text(.jwtUserClaim) ?? tokens.userClaim
    tokens.roleClaim = try text(.jwtRoleClaim) ?? tokens.roleClaim
    tokens.tenantClaim = try text(.jwtTenantClaim) ?? tokens.tenantClaim
    tokens.databasesClaim = try text(.jwtDatabasesClaim) ?? tokens.databasesClaim
    tokens.defaultRole = try text(.jwtDefaultRole)
    return tokens
  }
}

extension String {
  fileprivate var isLoopbackURL: Bool {
    ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { start in
      hasPrefix(start) && dropFirst(start.count).first.map { $0 == ":" || $0 == "/" } ?? true
    }
  }
}
