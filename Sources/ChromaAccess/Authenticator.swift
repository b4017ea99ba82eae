/// Recognises users by password, by token, and by signed token, whichever of them are configured.
package struct Authenticator: Authenticating {
  private let policy: AccessPolicy
  private let passwords: PasswordVerifier?
  private let tokens: TokenTable?
  private let signedTokens: SignedTokenVerifier?
  private let transport: TokenTransport

  package init(
    policy: AccessPolicy, passwords: PasswordVerifier? = nil, tokens: TokenTable? = nil,
    signedTokens: SignedTokenVerifier? = nil, transport: TokenTransport = .any
  ) {
    self.policy = policy
    self.passwords = passwords
    self.tokens = tokens
    self.signedTokens = signedTokens
    self.transport = transport
  }

  package var challenges: [String] {
    var challenges: [String] = []
    if tokens != nil || signedTokens != nil { challenges.append("Bearer realm=\"chroma\"") }
    if passwords != nil { challenges.append("Basic realm=\"chroma\", charset=\"UTF-8\"") }
    return challenges
  }

  /// A token in `X-Chroma-Token` decides where that header is read; else what `Authorization` says.
  package func identify(_ credentials: PresentedCredentials) async throws(AuthenticationFailure) -> Identity {
    if transport != .authorization, takesTokens, let header = credentials.chromaToken {
      let text = header.trimmed
      return try await identify(token: AuthorizationHeader.bearer(text) ?? text)
    }
    switch credentials.authorization.flatMap(AuthorizationHeader.init) {
    case .basic(let user, let password)?:
      guard let passwords else { throw .forbidden }
      try await passwords.check(user: user, password: password, address: credentials.address)
      return policy.identity(of: TokenUser(id: user, tokens: []))
    case .bearer(let token)?:
      guard transport != .chromaToken else { throw .forbidden }
      return try await identify(token: token)
    case nil: throw .forbidden
    }
  }

  private var takesTokens: Bool { tokens != nil || signedTokens != nil }

  private func identify(token: String) async throws(AuthenticationFailure) -> Identity {
    if let user = tokens?.user(of: token) { return policy.identity(of: user) }
    if let signedTokens, SignedTokenText.resembles(token), let identity = await signedTokens.identity(of: token) {
      return identity
    }
    throw .forbidden
  }
}

/// The `Authorization` header of a request (RFC 9110, section 11.6.2).
enum AuthorizationHeader: Sendable, Hashable {
  /// RFC 7617: base64 of `user:password` in UTF-8; the first colon parts them.
  case basic(user: String, password: String)
  /// RFC 6750, section 2.1.
  case bearer(String)

  /// - Returns: `nil` for another scheme, and for what breaks the rules of its own.
  init?(_ header: String) {
    let text = header.trimmed
    if let token = Self.bearer(text) {
      self = .bearer(token)
      return
    }
    guard let encoded = Self.rest(of: text, after: "basic"), let bytes = base64Decoded(encoded.utf8),
      let pair = String(validating: bytes, as: UTF8.self), let colon = pair.unicodeScalars.firstIndex(of: ":")
    else { return nil }
    let user = String(pair.unicodeScalars[..<colon])
    let password = String(pair.unicodeScalars[pair.unicodeScalars.index(after: colon)...])
    self = .basic(user: user, password: password)
  }

  /// What follows `Bearer`; `nil` where that is not the scheme.
  static func bearer(_ text: String) -> String? { rest(of: text, after: "bearer") }

  private static func rest(of text: String, after scheme: String) -> String? {
    guard text.utf8.count > scheme.utf8.count, text.prefix(scheme.count).lowercased() == scheme else { return nil }
    let rest = text.dropFirst(scheme.count)
    guard rest.first == " " || rest.first == "\t" else { return nil }
    let value = rest.trimmed
    return value.isEmpty ? nil : value
  }
}
