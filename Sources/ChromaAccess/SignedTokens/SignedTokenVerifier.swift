import ChromaModel

/// Believes tokens that one of the configured keys has signed (RFC 7519), and reads from them who is asking.
package actor SignedTokenVerifier {
  private let configuration: SignedTokenConfiguration
  private let policy: AccessPolicy
  private let fetch: @Sendable () async throws -> String
  private let report: @Sendable (String) -> Void
  private let now: @Sendable () -> Double
  private var keys: KeySet
  /// Seconds since 1970.
  private var fetchedAt: Double
  private var triedAt: Double
  private var refreshing: Task<Void, Never>?

  /// Keys older than this are fetched anew, in the background.
  static let lifetime = 600.0
  /// A token of an unknown key has them fetched anew, but not more often than this.
  static let shortestInterval = 30.0

  /// - Parameters:
  ///   - fetch: the JSON Web Key Set as text. What is in use stays in use when it fails.
  ///   - report: gets a sentence when it does.
  ///   - now: seconds since 1970.
  /// - Throws: when there is no key set to begin with.
  package init(
    _ configuration: SignedTokenConfiguration, policy: AccessPolicy,
    fetch: @escaping @Sendable () async throws -> String, report: @escaping @Sendable (String) -> Void,
    now: @escaping @Sendable () -> Double
  ) async throws(AccessError) {
    self.configuration = configuration
    self.policy = policy
    self.fetch = fetch
    self.report = report
    self.now = now
    let text: String
    do { text = try await fetch() } catch { throw AccessError("the keys of signed tokens cannot be read: \(error)") }
    keys = try KeySet(json: text)
    fetchedAt = now()
    triedAt = fetchedAt
  }

  /// Who signed in with this token; `nil` when it is not to be believed.
  func identity(of text: String) async -> Identity? {
    guard let token = SignedTokenText(text) else { return nil }
    let time = now()
    guard isCurrent(token.claims, at: time), isForUs(token.claims) else { return nil }
    if !keys.knows(token) {
      await refresh(at: time)
    } else if time - fetchedAt > Self.lifetime {
      Task { await refresh(at: time) }
    }
    guard await keys.verify(token) else { return nil }
    return identity(token.claims)
  }

  /// One fetch at a time; who comes meanwhile waits for it.
  private func refresh(at time: Double) async {
    if let refreshing { return await refreshing.value }
    guard time - triedAt >= Self.shortestInterval else { return }
    triedAt = time
    let task = Task { await load() }
    refreshing = task
    await task.value
    refreshing = nil
  }

  private func load() async {
    do {
      keys = try KeySet(json: try await fetch())
      fetchedAt = now()
    } catch {
      report(
        "The keys of signed tokens cannot be refreshed, the old ones stay: \((error as? AccessError)?.message ?? "\(error)")"
      )
    }
  }

  // MARK: Claims

  /// `exp` must be there and ahead; `nbf` and `iat`, where they are, behind.
  private func isCurrent(_ claims: JSONValue, at time: Double) -> Bool {
    guard let expiry = claims["exp"]?.number, time < expiry + configuration.leeway else { return false }
    for name in ["nbf", "iat"] {
      guard let claim = claims[name] else { continue }
      guard let start = claim.number, time >= start - configuration.leeway else { return false }
    }
    return true
  }

  private func isForUs(_ claims: JSONValue) -> Bool {
    if let issuer = configuration.issuer, claims["iss"] != .string(issuer) { return false }
    if let audience = configuration.audience, !(claims["aud"]?.texts.contains(audience) ?? false) { return false }
    return true
  }

  private func identity(_ claims: JSONValue) -> Identity? {
    guard let userID = claims.claim(configuration.userClaim)?.texts.first, !userID.isEmpty else { return nil }
    var roles = claims.claim(configuration.roleClaim)?.texts ?? []
    if roles.isEmpty, let role = configuration.defaultRole { roles = [role] }
    var identity = Identity(userID: userID, actions: policy.actions(ofRoles: roles) ?? [])
    // A claim that is there and cannot be read must not open every tenant.
    if let claim = claims.claim(configuration.tenantClaim) {
      guard let tenant = claim.texts.first, claim.texts.count == 1 else { return nil }
      identity.tenant = tenant
    }
    if let claim = claims.claim(configuration.databasesClaim) {
      guard !claim.texts.isEmpty else { return nil }
      identity.databases = claim.texts
    }
    return identity
  }
}

extension JSONValue {
  fileprivate var number: Double? {
    switch self {
    case .int(let whole): Double(whole)
    case .double(let number): number
    default: nil
    }
  }

  /// A text, or a list of nothing but texts.
  fileprivate var texts: [String] {
    switch self {
    case .string(let text): return [text]
    case .array(let elements):
      var texts: [String] = []
      for element in elements {
        guard case .string(let text) = element else { return [] }
        texts.append(text)
      }
      return texts
    default: return []
    }
  }

  /// The claim of that name, or, where there is none, the one its dots lead to.
  fileprivate func claim(_ name: String) -> JSONValue? {
    if let claim = self[name] { return claim.isNull ? nil : claim }
    var value: JSONValue? = self
    for part in name.split(separator: ".") { value = value?[String(part)] }
    return value.flatMap { $0.isNull ? nil : $0 }
  }
}
