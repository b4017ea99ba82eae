import ChromaModel

/// Roles, and who has which: Chroma's authorization file, or none of it.
package struct AccessPolicy: Sendable {
  /// What each role may do.
  private let roles: [String: Set<Action>]
  /// Users of the file by id; `nil` where there is no file: then everybody may do everything.
  private let users: [String: TokenUser]?

  /// Everybody who is recognised may do everything.
  package static let everything = AccessPolicy(
    roles: Dictionary(uniqueKeysWithValues: RoleShorthand.allCases.map { ($0.rawValue, $0.actions) }), users: nil)

  private init(roles: [String: Set<Action>], users: [String: TokenUser]?) {
    self.roles = roles
    self.users = users
  }

  /// Reads `roles_mapping` and `users`.
  ///
  /// - Throws: for an action or role nobody knows, a user who comes twice, and values of the wrong kind.
  package init(_ json: JSONValue) throws(AccessError) {
    guard case .object(let root) = json else { throw AccessError("expected roles_mapping and users at the top") }
    for key in root.keys.sorted() where !["roles_mapping", "users"].contains(key) {
      throw AccessError("\(key) is unknown; expected roles_mapping and users at the top")
    }
    var roles = Self.everything.roles
    switch root["roles_mapping"] {
    case nil, .null?: break
    case .object(let mapping)?:
      for (name, role) in mapping.sorted(by: { $0.key < $1.key }) {
        roles[name] = try Self.actions(role, at: "roles_mapping.\(name)")
      }
    default: throw AccessError("roles_mapping must be a mapping from roles to {actions}")
    }
    var users: [String: TokenUser] = [:]
    for user in try TokenUsers.parse(json, requiresTokens: false) {
      guard let role = user.role else { throw AccessError("the user \(user.id) has no role") }
      guard roles[role] != nil else {
        throw AccessError(
          "the user \(user.id) has the role \(role), which is not among \(roles.keys.sorted().joined(separator: ", "))")
      }
      users[user.id] = user
    }
    self.init(roles: roles, users: users)
  }

  package func hasRole(_ name: String) -> Bool { roles[name] != nil }

  /// Users of the file who bring their tokens along.
  package var tokenUsers: [TokenUser] { (users ?? [:]).values.filter { !$0.tokens.isEmpty }.sorted { $0.id < $1.id } }

  /// Who `user` is here: with the role it has in the file, or names itself where the file does not know it.
  func identity(of user: TokenUser) -> Identity {
    guard let users else {
      return Identity(
        userID: user.id, tenant: user.tenant, databases: user.databases,
        actions: user.role.map { roles[$0] ?? [] } ?? Set(Action.allCases))
    }
    guard let entry = users[user.id] else {
      return Identity(userID: user.id, tenant: user.tenant, databases: user.databases, actions: [])
    }
    return narrowed(user, by: entry)
  }

  /// What a signed token may do that names these roles: the sum of those that are known.
  func actions(ofRoles names: [String]) -> Set<Action> {
    names.reduce(into: []) { $0.formUnion(roles[$1] ?? []) }
  }

  /// Both scopes at once: where they exclude each other nothing is left.
  private func narrowed(_ user: TokenUser, by entry: TokenUser) -> Identity {
    var actions = entry.role.flatMap { roles[$0] } ?? []
    var tenant = user.tenant
    if tenant == "*" { tenant = entry.tenant } else if entry.tenant != "*", entry.tenant != tenant { actions = [] }
    var databases = user.databases
    if databases.contains("*") {
      databases = entry.databases
    } else if !entry.databases.contains("*") {
      databases = databases.filter(entry.databases.contains)
    }
    return Identity(userID: user.id, tenant: tenant, databases: databases, actions: actions)
  }

  private static func actions(_ role: JSONValue, at path: String) throws(AccessError) -> Set<Action> {
    guard case .object(let members) = role, case .array(let names)? = members["actions"] else {
      throw AccessError("\(path) must be a mapping with actions, a list")
    }
    for key in members.keys.sorted() where key != "actions" { throw AccessError("\(path).\(key) is unknown") }
    var actions: Set<Action> = []
    for (index, name) in names.enumerated() {
      guard case .string(let text) = name else { throw AccessError("\(path).actions[\(index)] must be text") }
      if let action = Action(rawValue: text) {
        actions.insert(action)
      } else if let shorthand = RoleShorthand(rawValue: text) {
        actions.formUnion(shorthand.actions)
      } else {
        throw AccessError(
          "\(path).actions[\(index)] is \"\(text)\", which is no action; there are read, write, admin, "
            + Action.allCases.map(\.rawValue).joined(separator: ", "))
      }
    }
    return actions
  }
}
