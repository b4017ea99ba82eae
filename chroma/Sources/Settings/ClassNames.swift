/// Python classes that Chroma 0.4 to 0.6 were configured with, and our short names for them; all in lower case.
enum ClassNames {
  enum Authentication: Sendable { case passwords, tokens }

  static let authentication: [String: Authentication] = [
    "basic": .passwords,
    "token": .tokens,
    // 0.4
    "chromadb.auth.basic.basicauthserverprovider": .passwords,
    "chromadb.auth.token.tokenauthserverprovider": .tokens,
    // 0.5 and 0.6
    "chromadb.auth.basic_authn.basicauthenticationserverprovider": .passwords,
    "chromadb.auth.token_authn.tokenauthenticationserverprovider": .tokens,
    "chromadb.auth.basic.basicauthenticationserverprovider": .passwords,
    "chromadb.auth.token.tokenauthenticationserverprovider": .tokens,
  ]

  static let authorization: Set<String> = [
    "rbac",
    // 0.4
    "chromadb.auth.authz.simplerbacauthorizationprovider",
    // 0.5 and 0.6
    "chromadb.auth.simple_rbac_authz.simplerbacauthorizationprovider",
  ]

  /// 0.4 only.
  static let credentials: Set<String> = [
    "chromadb.auth.providers.htpasswdfileserverauthcredentialsprovider",
    "chromadb.auth.providers.htpasswdconfigurationserverauthcredentialsprovider",
    "chromadb.auth.token.tokenconfigserverauthcredentialsprovider",
    "chromadb.auth.token.usertokenconfigserverauthcredentialsprovider",
    "chromadb.auth.providers.usertokenconfigserverauthcredentialsprovider",
  ]
}
