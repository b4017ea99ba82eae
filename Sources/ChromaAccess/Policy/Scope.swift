/// What part of the data somebody may touch at all.
struct Scope: Sendable, Hashable, CustomStringConvertible {
  /// `"*"` for every tenant.
  var tenant: String
  /// `["*"]` for all databases of ``tenant``.
  var databases: [String]

  var description: String { "tenant \(tenant), databases \(databases.joined(separator: ", "))" }

  /// What both allow; `nil` where that is nothing.
  func intersection(_ other: Scope) -> Scope? {
    guard let tenant = Self.common(tenant, other.tenant) else { return nil }
    if databases.contains("*") { return Scope(tenant: tenant, databases: other.databases) }
    if other.databases.contains("*") { return Scope(tenant: tenant, databases: databases) }
    let both = databases.filter { name in other.databases.contains { $0.isSame(as: name) } }
    return both.isEmpty ? nil : Scope(tenant: tenant, databases: both)
  }

  private static func common(_ one: String, _ other: String) -> String? {
    if one == "*" { return other }
    return other == "*" || one.isSame(as: other) ? one : nil
  }
}

extension TokenUser {
  var scope: Scope { Scope(tenant: tenant, databases: databases) }
}
