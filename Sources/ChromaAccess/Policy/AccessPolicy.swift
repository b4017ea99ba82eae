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

  /// Reads `roles_mapping` and `users`; of `resource_type_action`, which Chroma's own examples have for reference,
  /// nothing
  /// is read.
  ///
  /// - Throws: for an action or role nobody knows, a user who comes twice, and values of the wrong kind; with the path.
  package init(_ json: JSONValue) throws(AccessError) {
    guard case .object(let root) = json else { throw AccessError("expected roles_mapping and users at the top") }
    for key in root.keys.sorted() where !["roles_mapping", "users", "resource_type_action"].contains(key) {
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
    // Signed tokens bring users of their own.
    let list = root["users"]?.isNull ?? true ? [] : try TokenUsers.parse(json, requiresTokens: false)
    for (index, user) in list.enumerated() {
      guard let role = user.role else { throw AccessError("users[\(index)].role is missing") }
      guard roles[role] != nil else {
        throw AccessError(
          "users[\(index)].role is \"\(role)\", which is no role; there are \(roles.keys.sorted().joined(separator: ", "))"
        )
      }
      users[user.id] = user
    }
    self.init(roles: roles, users: users)
  }

  package func hasRole(_ name: String) -> Bool { roles[name] != nil }

  /// Users of the file who bring their tokens along.
  package var tokenUsers: [TokenUser] { (users ?? [:]).values.filter { !$0.tokens.isEmpty }.sorted { $0.id < $1.id } }

  /// Who `user` is here: with the role it has in the file, and the scope that both it and the file allow. Where there
  /// is
  /// no file the role it names itself counts, and without one it may do everything.
  func identity(of user: TokenUser) -> Identity {
    var scope: Scope? = user.scope
    var actions = user.role.map { roles[$0] ?? [] } ?? Set(Action.allCases)
    if let users {
      let entry = users[user.id]
      scope = entry.flatMap { user.scope.intersection($0.scope) }
      actions = entry?.role.flatMap { roles[$0] } ?? []
    }
    guard let scope else {
      return Identity(userID: user.id, tenant: user.tenant, databases: user.databases, actions: [])
    }
    return Identity(userID: user.id, tenant: scope.tenant, databases: scope.databases, actions: actions)
  }

  /// What a signed token may do that names these roles: the sum of those that are known; `nil` where none is.
  func actions(ofRoles names: [String]) -> Set<Action>? {
    let known = names.compactMap { roles[$0] }
    return known.isEmpty ? nil : known.reduce(into: []) { $0.formUnion($1) }
  }

  private static func actions(_ role: JSONValue, at path: String) throws(AccessError) -> Set<Action> {
    guard case .object(let members) = role, case .array(let names)? = members["actions"] else {
      throw AccessError("\(path) must be a mapping with actions, a list")
    }
    for key in members.keys.sorted() where key != "actions" {
      throw AccessError("\(path).\(key) is unknown; a role has actions")
    }
    var actions: Set<Action> = []
    for (index, name) in names.enumerated() {
      guard case .string(let text) = name else { throw .notText("\(path).actions[\(index)]") }
      if let action = Action(rawValue: text) ?? Action(renamed: text) {
        actions.insert(action)
      } else if let shorthand = RoleShorthand(rawValue: text) {
        actions.formUnion(shorthand.actions)
      } else {
        throw AccessError(
          "\(path).actions[\(index)] is \"\(text)\", which is no action; perhaps "
            + Action.names(near: text).joined(separator: ", "))
      }
    }
    return actions
  }
}

extension Action {
  /// The names somebody may have meant: of the same action elsewhere, else of the same kind, else all.
  fileprivate static func names(near text: String) -> [String] {
    let all = RoleShorthand.allCases.map(\.rawValue) + allCases.map(\.rawValue)
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard let kind = parts.first, let verb = parts.last else { return all }
    for end in [all.filter { $0.hasSuffix(":\(verb)") }, all.filter { $0.hasPrefix("\(kind):") }] where !end.isEmpty {
      return end
    }
    return all
  }
}
