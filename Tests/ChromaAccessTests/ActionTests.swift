import ChromaModel
import Testing

@testable import ChromaAccess

@Suite("Actions")
struct ActionTests {
  @Test("Names of Chroma 0.4 that have changed mean what they meant")
  func renamed() throws {
    let policy = try AccessPolicy([
      "roles_mapping": ["old": ["actions": ["db:reset", "tenant:list_databases"]]],
      "users": [["id": "ann", "role": "old"]],
    ])
    #expect(policy.identity(of: TokenUser(id: "ann", tokens: [])).actions == [.reset, .listDatabases])
    #expect(Action(renamed: "system:reset") == nil)
  }
}
