import ChromaModel
import ChromaTestSupport
import Testing

@testable import ChromaAccess

@Suite("An access policy")
struct AccessPolicyTests {
  @Test("lets everybody do everything where none is configured, within their scope")
  func everything() {
    var user = TokenUser(id: "ann", tokens: [])
    #expect(AccessPolicy.everything.identity(of: user) == Identity(userID: "ann"))
    user.tenant = "acme"
    user.databases = ["one"]
    #expect(
      AccessPolicy.everything.identity(of: user) == Identity(userID: "ann", tenant: "acme", databases: ["one"]))
    user.role = "read"
    #expect(AccessPolicy.everything.identity(of: user).actions == RoleShorthand.read.actions)
    user.role = "nonsense"
    #expect(AccessPolicy.everything.identity(of: user).actions.isEmpty)
  }

  @Test("gives its users the actions of their roles, and others none")
  func roles() throws {
    let policy = try AccessPolicy([
      "resource_type_action": ["system:reset"],
      "roles_mapping": [
        "looker": ["actions": ["collection:get", "collection:get", "collection:count"]],
        "adder": ["actions": ["read", "collection:add"]], "nobody": ["actions": []],
        "write": ["actions": ["tenant:get_tenant"]],
      ],
      "users": [
        ["id": "ann", "role": "looker"], ["id": "ben", "role": "adder"], ["id": "cid", "role": "nobody"],
        ["id": "dan", "role": "write"], ["id": "eve", "role": "admin"], ["id": "fay", "role": "read"],
      ],
    ])
    func actions(_ id: String) -> Set<Action> { policy.identity(of: TokenUser(id: id, tokens: [])).actions }
    #expect(actions("ann") == [.get, .count])
    #expect(actions("ben") == RoleShorthand.read.actions.union([.add]))
    #expect(actions("cid") == [])
    #expect(actions("dan") == [.getTenant])
    #expect(actions("eve") == Set(Action.allCases))
    #expect(actions("fay") == RoleShorthand.read.actions)
    #expect(actions("gus") == [])
    #expect(actions("") == [])
    #expect(policy.hasRole("looker") && policy.hasRole("admin") && !policy.hasRole("Looker") && !policy.hasRole(""))
  }

  @Test("does not listen to the role that credentials name for a user")
  func credentialsRole() throws {
    let policy = try AccessPolicy(["users": [["id": "ann", "role": "read"]]])
    for id in ["ann", "ben"] {
      var user = TokenUser(id: id, tokens: [])
      user.role = "admin"
      #expect(policy.identity(of: user).actions == (id == "ann" ? RoleShorthand.read.actions : []))
    }
  }

  @Test("names that stand for actions grow from read over write to admin, and reading changes nothing")
  func shorthands() {
    #expect(RoleShorthand.read.actions.isStrictSubset(of: RoleShorthand.write.actions))
    #expect(RoleShorthand.write.actions.isStrictSubset(of: RoleShorthand.admin.actions))
    #expect(RoleShorthand.admin.actions == Set(Action.allCases))
    for action in RoleShorthand.read.actions {
      let verb = action.rawValue.split(separator: ":").last ?? ""
      #expect(
        ["get", "list", "count", "query", "search", "peek"].contains { verb.hasPrefix($0) }, "\(action.rawValue)")
      #expect(verb != "get_or_create_collection")
    }
    #expect(!RoleShorthand.write.actions.contains { $0.rawValue.hasPrefix("system:") })
    #expect(RoleShorthand.write.actions.contains(.delete))
    for action: Action in [.createTenant, .updateTenant, .createDatabase, .deleteDatabase] {
      #expect(!RoleShorthand.write.actions.contains(action))
    }
  }

  static let faults: [(JSONValue, String)] = [
    (.null, "expected roles_mapping and users"), ([], "expected roles_mapping and users"),
    (["role_mapping": [:]], "role_mapping is unknown"), (["roles_mapping": []], "roles_mapping must be a mapping"),
    (["roles_mapping": ["r": []]], "roles_mapping.r must be a mapping with actions"),
    (["roles_mapping": ["r": [:]]], "roles_mapping.r must be a mapping with actions"),
    (["roles_mapping": ["r": ["actions": "read"]]], "roles_mapping.r must be a mapping with actions"),
    (["roles_mapping": ["r": ["actions": [], "resources": ["x"]]]], "roles_mapping.r.resources is unknown"),
    (["roles_mapping": ["r": ["actions": ["read", 7]]]], "roles_mapping.r.actions[1] must be text"),
    (
      ["roles_mapping": ["r": ["actions": ["db:get_collection"]]]],
      "roles_mapping.r.actions[0] is \"db:get_collection\", which is no action; perhaps collection:get_collection"
    ),
    (
      ["roles_mapping": ["r": ["actions": ["collection:reset"]]]],
      "roles_mapping.r.actions[0] is \"collection:reset\", which is no action; perhaps system:reset"
    ),
    (
      ["roles_mapping": ["r": ["actions": ["tenant:make"]]]],
      "roles_mapping.r.actions[0] is \"tenant:make\", which is no action; perhaps "
        + "tenant:create_tenant, tenant:get_tenant, tenant:update_tenant"
    ),
    (
      ["roles_mapping": ["r": ["actions": ["reader"]]]],
      "roles_mapping.r.actions[0] is \"reader\", which is no action; perhaps read, write, admin, system:reset, "
    ),
    (
      ["roles_mapping": ["r": ["actions": [""]]]],
      "roles_mapping.r.actions[0] is \"\", which is no action; perhaps read, write, admin, system:reset, "
    ),
    (["users": [["id": "ann"]]], "users[0].role is missing"),
    (["users": "ann"], "users must be a list"),
    (
      ["users": [["id": "ann", "role": "boss"]], "roles_mapping": ["chief": ["actions": ["admin"]]]],
      "users[0].role is \"boss\", which is no role; there are admin, chief, read, write"
    ),
    (
      ["users": [["id": "ann", "role": "read"], ["id": "ann", "role": "read"]]], "users[1].id: the user ann comes twice"
    ),
    (
      ["users": [["id": "ann", "role": "read", "tokens": ["secret 1"]]]], "users[0].tokens[0] must be one or more ASCII"
    ),
  ]

  @Test("that is malformed is refused with the path and what would do", arguments: faults)
  func malformed(json: JSONValue, message: String) {
    let error = #expect(throws: AccessError.self) { try AccessPolicy(json) }
    #expect(error?.message.hasPrefix(message) ?? false, "\(error?.message ?? "")")
    #expect(error?.message.contains("secret") == false)
  }

  @Test("brings the tokens of its users along")
  func tokens() throws {
    let policy = try AccessPolicy([
      "users": [["id": "ben", "role": "read", "tokens": ["t2", "t1"]], ["id": "ann", "role": "read"]]
    ])
    #expect(policy.tokenUsers.map(\.id) == ["ben"])
    let user = try #require(try TokenTable(policy.tokenUsers).user(of: "t1"))
    #expect(policy.identity(of: user).actions == RoleShorthand.read.actions)
    #expect(AccessPolicy.everything.tokenUsers.isEmpty)
  }

  @Test("may have roles and no users, for signed tokens")
  func rolesAlone() throws {
    for users: JSONValue? in [nil, .null, []] {
      var json: [String: JSONValue] = ["roles_mapping": ["r": ["actions": ["collection:get"]]]]
      json["users"] = users
      let policy = try AccessPolicy(.object(json))
      #expect(policy.actions(ofRoles: ["r", "nonsense"]) == [.get])
      #expect(policy.actions(ofRoles: ["nonsense"]) == nil)
      #expect(policy.identity(of: TokenUser(id: "ann", tokens: [])).actions.isEmpty)
    }
  }

  @Test("agrees on every action of every role with a dictionary", arguments: 1...20 as ClosedRange<UInt64>)
  func oracle(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var expected: [String: Set<Action>] = ["read": [], "write": [], "admin": []]
    for name in expected.keys { expected[name] = RoleShorthand(rawValue: name)?.actions }
    var mapping: [String: JSONValue] = [:]
    for index in 0..<Int.random(in: 0...8, using: &random) {
      let name = index == 7 ? "read" : "role \(index)"
      let names = (RoleShorthand.allCases.map(\.rawValue) + Action.allCases.map(\.rawValue)).shuffled(using: &random)
        .prefix(Int.random(in: 0...12, using: &random))
      mapping[name] = ["actions": .array(names.map(JSONValue.string))]
      expected[name] = names.reduce(into: []) { actions, name in
        if let action = Action(rawValue: name) { actions.insert(action) }
        if let shorthand = RoleShorthand(rawValue: name) { actions.formUnion(shorthand.actions) }
      }
    }
    let roles = expected.keys.sorted()
    var roleOfUser: [String: String] = [:]
    for index in 0..<20 { roleOfUser["user \(index)"] = roles.randomElement(using: &random) }
    let users = roleOfUser.map { JSONValue.object(["id": .string($0.key), "role": .string($0.value)]) }
    let policy = try AccessPolicy(["roles_mapping": .object(mapping), "users": .array(users)])
    for index in 0..<25 {
      let id = "user \(index)"
      let identity = policy.identity(of: TokenUser(id: id, tokens: []))
      for action in Action.allCases {
        let allowed = roleOfUser[id].flatMap { expected[$0] }?.contains(action) ?? false
        #expect(
          identity.allows(action, tenant: "t", database: "d") == allowed, "seed \(seed): \(id) \(action.rawValue)")
      }
    }
    for role in roles { #expect(policy.actions(ofRoles: [role]) == expected[role], "seed \(seed): \(role)") }
  }

  @Test("narrows a user to what credentials and policy both allow", arguments: 1...5 as ClosedRange<UInt64>)
  func scopes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    func scope() -> Scope {
      let databases = ["one", "two", "three", "*"].filter { _ in Bool.random(using: &random) }
      return Scope(
        tenant: ["a", "b", "*"].randomElement(using: &random) ?? "*", databases: databases.isEmpty ? ["one"] : databases
      )
    }
    for _ in 0..<500 {
      let (own, entry) = (scope(), scope())
      var user = TokenUser(id: "ann", tokens: [])
      user.tenant = own.tenant
      user.databases = own.databases
      let policy = try AccessPolicy([
        "users": [
          [
            "id": "ann", "role": "read", "tenant": .string(entry.tenant),
            "databases": .array(entry.databases.map(JSONValue.string)),
          ]
        ]
      ])
      let identity = policy.identity(of: user)
      let fromCredentials = Identity(userID: "ann", tenant: own.tenant, databases: own.databases)
      let fromPolicy = Identity(userID: "ann", tenant: entry.tenant, databases: entry.databases)
      for tenant in [nil, "a", "b", "c"] {
        for database in [nil, "one", "two", "three", "four"] {
          // Where there are no common databases, not even the common tenant is shown.
          let both =
            fromCredentials.allows(.get, tenant: tenant, database: database)
            && fromPolicy.allows(.get, tenant: tenant, database: database)
          #expect(
            identity.allows(.get, tenant: tenant, database: database) == both,
            "seed \(seed): \(own) and \(entry) at \(tenant ?? "nil") \(database ?? "nil")")
        }
      }
    }
  }
}
