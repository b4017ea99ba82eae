import Testing

@testable import ChromaAccess

@Suite struct IdentityTests {
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
}
