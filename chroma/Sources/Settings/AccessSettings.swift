import ChromaAccess

/// What was configured about authentication, before files are read.
struct AccessSettings: Sendable, Hashable {
  /// Text, or the file that holds it.
  enum Content: Sendable, Hashable {
    case text(String)
    case file(String)
  }

  /// Credentials, and what they are.
  enum Credentials: Sendable, Hashable {
    case passwords(Content)
    case tokens(Content)
  }

  /// Make a token at the first start.
  var makesToken = false
  var isRequired = false
  /// `--auth off`, in so many words.
  var isDeclined = false
  /// Wrong passwords in a row from one address before it has to wait; `nil` for no limit.
  var freeFailures: Int? = 20
  var credentials: Credentials?
  var transport = TokenTransport.any
  var policy: Content?
  var signedTokens: SignedTokenSettings?
  /// `nil` for all routes that are open by default.
  var publicPatterns: Set<String>?
  var derivesPlaceFromIdentity = false

  /// Whether anybody has to say who they are.
  var isOn: Bool { makesToken || credentials != nil || signedTokens != nil || policy != nil }
}

/// What was configured about JSON Web Tokens.
struct SignedTokenSettings: Sendable, Hashable {
  enum Keys: Sendable, Hashable {
    case file(String)
    case url(String)
  }

  var keys: Keys
  var issuer: String?
  var audience: String?
  var userClaim = "sub"
  var roleClaim = "role"
  var tenantClaim = "tenant"
  var databasesClaim = "databases"
  var defaultRole: String?
}
