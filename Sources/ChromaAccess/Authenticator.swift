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
