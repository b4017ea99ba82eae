import ChromaModel
import Testing

@testable import ChromaAccess

@Suite("The authenticator")
struct AuthenticatorTests {
  static let basic = "Basic YWRtaW46YWRtaW4="  // admin:admin

  private func passwords() throws -> PasswordVerifier {
    PasswordVerifier(try PasswordTable(htpasswd: "admin:\(BcryptHashTests.admin)"), freeFailures: 3)
  }

  private func tokens() throws -> TokenTable {
    try TokenTable(
      TokenUsers.parse(
        ["users": [["id": "ann", "tokens": ["token-of-ann"], "tenant": "acme"], ["id": "ben", "tokens": ["x.y.z"]]]],
        requiresTokens: true))
  }

  private func outcome(
    _ authenticator: Authenticator, authorization: String? = nil, chromaToken: String? = nil
  ) async -> Result<Identity, AuthenticationFailure> {
    let credentials = PresentedCredentials(
      authorization: authorization, chromaToken: chromaToken, address: "192.0.2.1")
    do throws(AuthenticationFailure) { return .success(try await authenticator.identify(credentials)) } catch {
      return .failure(error)
    }
  }

  private func user(
    _ authenticator: Authenticator, authorization: String? = nil, chromaToken: String? = nil
  ) async -> String? {
    try? await outcome(authenticator, authorization: authorization, chromaToken: chromaToken).get().userID
  }

  @Test("offers the schemes that are configured")
  func challenges() async throws {
    let verifier = try await KeySource(keySet(SigningKey.p256.json())).verifier()
    let bearer = "Bearer realm=\"chroma\""
    let basic = "Basic realm=\"chroma\", charset=\"UTF-8\""
    #expect(try Authenticator(policy: .everything, passwords: passwords()).challenges == [basic])
    #expect(try Authenticator(policy: .everything, tokens: tokens()).challenges == [bearer])
    #expect(Authenticator(policy: .everything, signedTokens: verifier).challenges == [bearer])
    #expect(
      try Authenticator(policy: .everything, passwords: passwords(), tokens: tokens()).challenges == [bearer, basic])
  }

  @Test("recognises a password, and fails alike without one, with a wrong one and for a wrong user")
  func password() async throws {
    let authenticator = Authenticator(policy: .everything, passwords: try passwords())
    #expect(await outcome(authenticator, authorization: Self.basic) == .success(Identity(userID: "admin")))
    for header in [
      nil, "", "Basic", "Basic YWRtaW46YWRtaQ==", "Basic YWRtaTphZG1pbg==", "Bearer admin", "Bearer x.y.z",
    ] {
      let fresh = Authenticator(policy: .everything, passwords: try passwords())
      #expect(await outcome(fresh, authorization: header) == .failure(.forbidden), "\(header ?? "nil")")
    }
    // Where no token is read, its header decides nothing.
    #expect(await user(authenticator, authorization: Self.basic, chromaToken: "x") == "admin")
    #expect(await outcome(authenticator, chromaToken: "admin") == .failure(.forbidden))
  }

  @Test("recognises a token in either header, with or without its scheme in Chroma's own")
  func token() async throws {
    let authenticator = Authenticator(policy: .everything, tokens: try tokens())
    #expect(
      await outcome(authenticator, authorization: "Bearer token-of-ann")
        == .success(Identity(userID: "ann", tenant: "acme")))
    #expect(await user(authenticator, authorization: " bearer \t token-of-ann ") == "ann")
    #expect(await user(authenticator, chromaToken: "token-of-ann") == "ann")
    #expect(await user(authenticator, chromaToken: " token-of-ann\r\n") == "ann")
    #expect(await user(authenticator, chromaToken: "Bearer token-of-ann") == "ann")
    // With two dots, and no verifier of signed tokens.
    #expect(await user(authenticator, authorization: "Bearer x.y.z") == "ben")
    for header in ["", "token-of-ann", "Token token-of-ann", "Bearer token-of-an", "Bearer token-of-anna", Self.basic] {
      #expect(await outcome(authenticator, authorization: header) == .failure(.forbidden), "\(header)")
    }
    for header in ["", "Bearer", "Bearer ", "token-of-ann,token-of-ann", "Basic token-of-ann"] {
      #expect(await outcome(authenticator, chromaToken: header) == .failure(.forbidden), "\(header)")
    }
  }

  @Test("lets Chroma's own header decide where both are there")
  func both() async throws {
    let authenticator = Authenticator(policy: .everything, passwords: try passwords(), tokens: try tokens())
    #expect(await user(authenticator, authorization: Self.basic) == "admin")
    #expect(await user(authenticator, authorization: Self.basic, chromaToken: "token-of-ann") == "ann")
    #expect(await user(authenticator, authorization: Self.basic, chromaToken: "wrong") == nil)
    #expect(await user(authenticator, authorization: "Bearer token-of-ann", chromaToken: "") == nil)
  }

  @Test("reads the header that is configured and not the other")
  func transport() async throws {
    let (passwords, tokens) = (try passwords(), try tokens())
    let plain = Authenticator(
      policy: .everything, passwords: passwords, tokens: tokens, transport: .authorization)
    #expect(await user(plain, authorization: "Bearer token-of-ann") == "ann")
    #expect(await user(plain, chromaToken: "token-of-ann") == nil)
    #expect(await user(plain, authorization: "Bearer x.y.z", chromaToken: "token-of-ann") == "ben")
    let own = Authenticator(policy: .everything, passwords: passwords, tokens: tokens, transport: .chromaToken)
    #expect(await user(own, chromaToken: "token-of-ann") == "ann")
    #expect(await user(own, authorization: "Bearer token-of-ann") == nil)
    // Passwords have one header only.
    #expect(await user(own, authorization: Self.basic) == "admin")
  }

  @Test("recognises a signed token beside the others")
  func signedToken() async throws {
    let source = KeySource(keySet(SigningKey.p256.json(id: "1")))
    let authenticator = Authenticator(
      policy: .everything, passwords: try passwords(), tokens: try tokens(), signedTokens: try await source.verifier())
    let claims: JSONValue = ["sub": "cid", "role": "write", "tenant": "acme", "exp": 1_900_000_000]
    let text = try SigningKey.p256.token("ES256", id: "1", claims: claims)
    let identity = Identity(userID: "cid", tenant: "acme", actions: RoleShorthand.write.actions)
    #expect(await outcome(authenticator, authorization: "Bearer \(text)") == .success(identity))
    #expect(await outcome(authenticator, chromaToken: text) == .success(identity))
    #expect(await user(authenticator, authorization: "Bearer \(text)x") == nil)
    #expect(await user(authenticator, authorization: "Bearer x.y.z") == "ben")
    #expect(await user(authenticator, authorization: "Bearer a.b.c") == nil)
    #expect(await user(authenticator, authorization: Self.basic) == "admin")
  }

  @Test("gives users the roles of the policy")
  func policy() async throws {
    let policy = try AccessPolicy([
      "users": [
        ["id": "admin", "role": "read", "tenant": "acme"], ["id": "ann", "role": "write", "databases": ["one"]],
        ["id": "dan", "role": "read", "tokens": ["token-of-dan"]],
      ]
    ])
    let users = try TokenUsers.parse(
      [
        "users": [
          ["id": "ann", "tokens": ["token-of-ann"], "tenant": "acme"], ["id": "ben", "tokens": ["token-of-ben"]],
        ]
      ],
      requiresTokens: true)
    let authenticator = Authenticator(
      policy: policy, passwords: try passwords(), tokens: try TokenTable(users + policy.tokenUsers))
    #expect(
      await outcome(authenticator, authorization: Self.basic)
        == .success(Identity(userID: "admin", tenant: "acme", actions: RoleShorthand.read.actions)))
    #expect(
      await outcome(authenticator, chromaToken: "token-of-ann")
        == .success(
          Identity(userID: "ann", tenant: "acme", databases: ["one"], actions: RoleShorthand.write.actions)))
    #expect(await outcome(authenticator, chromaToken: "token-of-ben") == .success(Identity(userID: "ben", actions: [])))
    #expect(
      await outcome(authenticator, chromaToken: "token-of-dan")
        == .success(Identity(userID: "dan", actions: RoleShorthand.read.actions)))
  }

  @Test("slows down who guesses passwords, and not who shows none, or a token")
  func throttle() async throws {
    let authenticator = Authenticator(policy: .everything, passwords: try passwords(), tokens: try tokens())
    for _ in 0..<10 {
      #expect(await outcome(authenticator) == .failure(.forbidden))
      #expect(await outcome(authenticator, authorization: "Basic !") == .failure(.forbidden))
      #expect(await outcome(authenticator, authorization: "Bearer wrong") == .failure(.forbidden))
    }
    #expect(await user(authenticator, authorization: Self.basic) == "admin")
    let wrong = "Basic YWRtaW46YWRtaQ=="
    for _ in 0..<3 { #expect(await outcome(authenticator, authorization: wrong) == .failure(.forbidden)) }
    #expect(await outcome(authenticator, authorization: wrong) == .failure(.tryAgain(seconds: 1)))
    #expect(await user(authenticator, authorization: Self.basic) == "admin")
    #expect(await user(authenticator, authorization: "Bearer token-of-ann") == "ann")
  }

  @Test("recognises nobody where nothing is configured")
  func nothing() async {
    let authenticator = Authenticator(policy: .everything)
    #expect(authenticator.challenges.isEmpty)
    for header in [nil, "", Self.basic, "Bearer x"] {
      #expect(await outcome(authenticator, authorization: header, chromaToken: header) == .failure(.forbidden))
    }
  }
}
