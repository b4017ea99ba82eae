import Testing

@testable import ChromaAccess

@Suite("A token table")
struct TokenTableTests {
  private func user(_ id: String, _ tokens: [String], _ tenant: String = "*", _ databases: [String] = ["*"])
    -> TokenUser
  {
    var user = TokenUser(id: id, tokens: tokens.map(TokenDigest.init(of:)))
    user.tenant = tenant
    user.databases = databases
    return user
  }

  @Test("finds the user of each token and of nothing else")
  func lookUp() throws {
    let table = try TokenTable([user("ann", ["t1", "t2"]), user("ben", ["t3"])])
    #expect(table.user(of: "t1")?.id == "ann")
    #expect(table.user(of: "t2")?.id == "ann")
    #expect(table.user(of: "t3")?.id == "ben")
    let digest = TokenDigest(of: "t1").text
    for other in ["", "t", "t4", "T1", "t1 ", " t1", "t1\0", "t1t2", "ann", digest, String(digest.dropFirst(7))] {
      #expect(table.user(of: other) == nil, "\(other)")
    }
    #expect(!table.isEmpty)
    #expect(try TokenTable([]).isEmpty)
  }

  @Test("keeps neither tokens nor their digests")
  func secrets() throws {
    let table = try TokenTable([TokenUser(id: "ann", tokens: [TokenDigest(of: "abc")])])
    #expect(table.user(of: "abc")?.id == "ann")
    var text = ""
    dump(table, to: &text)
    #expect(text.contains("ann"))
    #expect(!text.contains("abc") && !text.contains("TokenDigest"))
  }

  @Test("refuses a token of two users, and does not show it")
  func shared() {
    let error = #expect(throws: AccessError.self) {
      try TokenTable([user("ben", ["t1", "t2"]), user("ann", ["t3", "t2"])])
    }
    #expect(error?.message == "the users ann and ben share a token; give each its own")
  }

  @Test("takes a user who comes twice for one, with what both scopes allow, whichever token it shows")
  func merged() throws {
    let table = try TokenTable([
      user("ann", ["t1", "t2"], "acme", ["one", "two"]), user("ben", ["t3"], "acme"),
      user("ann", ["t2", "t4"], "*", ["two", "three"]),
    ])
    for token in ["t1", "t2", "t4"] {
      #expect(table.user(of: token)?.scope == Scope(tenant: "acme", databases: ["two"]), "\(token)")
    }
    #expect(table.user(of: "t3")?.scope == Scope(tenant: "acme", databases: ["*"]))
  }

  @Test("refuses a user whose scopes exclude each other")
  func excluding() {
    let error = #expect(throws: AccessError.self) {
      try TokenTable([user("ann", ["t1"], "a"), user("ann", ["t2"], "b")])
    }
    #expect(error?.message.contains("ann") ?? false)
    #expect(throws: AccessError.self) {
      try TokenTable([user("ann", ["t1"], "a", ["one"]), user("ann", ["t2"], "a", ["two"])])
    }
  }
}
