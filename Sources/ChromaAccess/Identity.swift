/// Who is asking, and what they may do.
package struct Identity: Sendable, Hashable {
  package var userID: String
  /// The one tenant this user may touch; `"*"` for every tenant.
  package var tenant: String
  /// The databases this user may touch within ``tenant``; `["*"]` for all of them.
  package var databases: [String]
  package var actions: Set<Action>

  package init(
    userID: String, tenant: String = "*", databases: [String] = ["*"], actions: Set<Action> = Set(Action.allCases)
  ) {
    self.userID = userID
    self.tenant = tenant
    self.databases = databases
    self.actions = actions
  }

  package var hasEveryDatabase: Bool { databases.contains("*") }

  /// Whether anything at all in this database may be this user's business.
  package func mayEnter(tenant: String, database: String) -> Bool {
    (self.tenant == "*" || self.tenant.isSame(as: tenant))
      && (hasEveryDatabase || databases.contains { $0.isSame(as: database) })
  }

  /// Whether this user may do `action` there.
  ///
  /// - Parameters:
  ///   - tenant: `nil` when the request is about no tenant in particular: then it is about all of them.
  ///   - database: `nil` when the request is about no database in particular, likewise.
  package func allows(_ action: Action, tenant: String?, database: String?) -> Bool {
    guard actions.contains(action) else { return false }
    guard self.tenant == "*" || (tenant.map(self.tenant.isSame) ?? false) else { return false }
    guard let database else { return hasEveryDatabase || action == .getTenant }
    return hasEveryDatabase || databases.contains { $0.isSame(as: database) }
  }
}
