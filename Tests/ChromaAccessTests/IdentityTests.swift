import ChromaTestSupport
import Testing

@testable import ChromaAccess

@Suite("An identity")
struct IdentityTests {
  @Test("A user of one tenant does nothing elsewhere, and nothing that is about all tenants")
  func tenantScope() {
    let user = Identity(userID: "ann", tenant: "acme")
    #expect(user.allows(.get, tenant: "acme", database: "any"))
    #expect(!user.allows(.get, tenant: "other", database: "any"))
    #expect(!user.allows(.reset, tenant: nil, database: nil))
    #expect(!user.allows(.createTenant, tenant: nil, database: nil))
    #expect(user.allows(.listDatabases, tenant: "acme", database: nil))
  }

  @Test("A user of some databases sees its tenant but nothing that is about all databases")
  func databaseScope() {
    let user = Identity(userID: "ann", tenant: "acme", databases: ["one", "two"])
    #expect(user.allows(.getTenant, tenant: "acme", database: nil))
    #expect(user.allows(.query, tenant: "acme", database: "two"))
    #expect(!user.allows(.query, tenant: "acme", database: "three"))
    #expect(!user.allows(.listDatabases, tenant: "acme", database: nil))
    #expect(!user.allows(.createDatabase, tenant: "acme", database: nil))
  }

  @Test("of a tenant is not of one whose name only looks the same")
  func spellings() {
    let user = Identity(userID: "ann", tenant: "caf\u{e9}", databases: ["\u{e9}"])
    #expect(user.allows(.get, tenant: "caf\u{e9}", database: "\u{e9}"))
    #expect(!user.allows(.get, tenant: "cafe\u{301}", database: "\u{e9}"))
    #expect(!user.allows(.get, tenant: "caf\u{e9}", database: "e\u{301}"))
  }

  @Test("allows what its actions, its tenant and its databases all allow", arguments: [1, 2, 3] as [UInt64])
  func oracle(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let tenants = ["a", "b", "*"]
    let databases = ["x", "y", "*"]
    for _ in 0..<3_000 {
      let user = Identity(
        userID: "ann", tenant: tenants.randomElement(using: &random) ?? "",
        databases: databases.filter { _ in Bool.random(using: &random) },
        actions: Set(Action.allCases.filter { _ in Bool.random(using: &random) }))
      let action = Action.allCases.randomElement(using: &random) ?? .reset
      let tenant = ([nil, "a", "b", "*", ""] as [String?]).randomElement(using: &random) ?? nil
      let database = ([nil, "x", "y", "*", ""] as [String?]).randomElement(using: &random) ?? nil
      let tenantIsIn = user.tenant == "*" || user.tenant == tenant
      let databaseIsIn =
        user.databases.contains("*")
        || (database == nil ? action == .getTenant : user.databases.contains(database ?? ""))
      #expect(
        user.allows(action, tenant: tenant, database: database)
          == (user.actions.contains(action) && tenantIsIn && databaseIsIn),
        "seed \(seed): \(user.tenant) \(user.databases) \(action) \(tenant ?? "nil") \(database ?? "nil")")
    }
  }
}
