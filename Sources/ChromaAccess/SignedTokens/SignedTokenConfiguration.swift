/// What a signed token must be, and where in it stands what.
package struct SignedTokenConfiguration: Sendable, Hashable {
  /// The `iss` it must have; `nil` for any.
  package var issuer: String?
  /// Must be, or be among, its `aud`; `nil` for any.
  package var audience: String?
  /// Names of claims; where there is none of that name, its dots lead into objects: `realm_access.roles`.
  package var userClaim = "sub"
  package var roleClaim = "role"
  package var tenantClaim = "tenant"
  package var databasesClaim = "databases"
  /// For tokens that name no role we know; `nil` lets them do nothing.
  package var defaultRole: String?
  /// Seconds that clocks may differ.
  package var leeway = 60.0
  /// Seconds after which the keys are fetched anew, in the background.
  package var keyLifetime = 600.0

  package init() {}
}
