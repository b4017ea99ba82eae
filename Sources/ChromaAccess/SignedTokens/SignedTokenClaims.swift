import ChromaModel

/// What a signed token says, once its signature is believed (RFC 7519, section 4.1).
struct SignedTokenClaims: Sendable {
  let json: JSONValue

  /// `exp` must be there and ahead; `nbf` and `iat`, where they are, behind.
  ///
  /// - Parameter time: seconds since 1970.
  func isCurrent(at time: Double, leeway: Double) -> Bool {
    guard let expiry = json["exp"]?.number, time < expiry + leeway else { return false }
    for name in ["nbf", "iat"] {
      guard let claim = json[name] else { continue }
      guard let start = claim.number, time >= start - leeway else { return false }
    }
    return true
  }

  func isMeant(for configuration: SignedTokenConfiguration) -> Bool {
    if let issuer = configuration.issuer {
      guard case .string(let own)? = json["iss"], own.isSame(as: issuer) else { return false }
    }
    if let audience = configuration.audience {
      guard json["aud"]?.texts?.contains(where: { $0.isSame(as: audience) }) ?? false else { return false }
    }
    return true
  }

  /// - Returns: `nil` where it names no user, and where tenant or databases are there and cannot be read: that must not
  ///   open every tenant.
  func identity(by configuration: SignedTokenConfiguration, _ policy: AccessPolicy) -> Identity? {
    guard case .string(let userID)? = claim(configuration.userClaim), !userID.isEmpty else { return nil }
    let roles = claim(configuration.roleClaim)?.texts ?? []
    let actions =
      policy.actions(ofRoles: roles) ?? configuration.defaultRole.flatMap { policy.actions(ofRoles: [$0]) } ?? []
    var identity = Identity(userID: userID, actions: actions)
    // Null would narrow nothing, and was meant to.
    for name in [configuration.tenantClaim, configuration.databasesClaim] where path(name)?.isNull ?? false {
      return nil
    }
    if let claim = claim(configuration.tenantClaim) {
      guard case .string(let tenant) = claim, !tenant.isEmpty else { return nil }
      identity.tenant = tenant
    }
    if let claim = claim(configuration.databasesClaim) {
      guard let databases = claim.texts, !databases.isEmpty else { return nil }
      identity.databases = databases
    }
    return identity
  }

  /// The claim of that name, or, where there is none, the one its dots lead to. Null is as good as none.
  private func claim(_ name: String) -> JSONValue? { path(name).flatMap { $0.isNull ? nil : $0 } }

  private func path(_ name: String) -> JSONValue? {
    json[name] ?? name.split(separator: ".").reduce(json) { value, part in value?[String(part)] }
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
  fileprivate var texts: [String]? {
    switch self {
    case .string(let text): return [text]
    case .array(let elements):
      var texts: [String] = []
      for element in elements {
        guard case .string(let text) = element else { return nil }
        texts.append(text)
      }
      return texts
    default: return nil
    }
  }
}
