import ChromaModel
import Testing

@testable import ChromaAccess

@Suite("Token credentials")
struct TokenUsersTests {
  @Test(
    "of one line are the token of anonymous, without what stands around it", arguments: ["", "\n", "\r\n", " \t\n\n"])
  func single(end: String) throws {
    let users = try TokenUsers.parse(token: end + "a-token-of-good-length" + end)
    #expect(users == [TokenUser(id: "anonymous", tokens: [TokenDigest(of: "a-token-of-good-length")])])
    #expect(users[0].scope == Scope(tenant: "*", databases: ["*"]))
    #expect(users[0].role == nil)
    #expect(users[0].warnings.isEmpty)
  }

  @Test("may be written as Chroma 0.4's example has them")
  func classic() throws {
    let users = try TokenUsers.parse(
      ["users": [["id": "ann", "tokens": [["token": "a-token-of-good-length", "secret": "unused"]]]]],
      requiresTokens: true)
    #expect(users.map(\.tokens) == [[TokenDigest(of: "a-token-of-good-length")]])
  }

  @Test("may be a digest instead of a token")
  func digest() throws {
    let users = try TokenUsers.parse(token: TokenDigest(of: "short").text + "\n")
    #expect(users == [TokenUser(id: "anonymous", tokens: [TokenDigest(of: "short")])])
  }

  @Test(
    "are ASCII letters, digits and punctuation",
    arguments: ["", " ", "a b", "a\tb", "tökën", "a\u{7f}", "a\0b", "a\nb"])
  func alphabet(text: String) {
    let error = #expect(throws: AccessError.self) { try TokenUsers.parse(token: text) }
    #expect(error?.message.hasPrefix("the token must be ") ?? false)
  }

  @Test("may have any printable character but the blank")
  func wholeAlphabet() throws {
    for byte in UInt8(0x21)...0x7e {
      let token = String(UnicodeScalar(byte))
      #expect(try TokenUsers.parse(token: token)[0].tokens == [TokenDigest(of: token)])
    }
  }

  @Test("below 16 characters are worth a warning, which does not show them")
  func warnings() throws {
    let users = try TokenUsers.parse(
      ["users": [["id": "ann", "tokens": ["sixteen-letters!", "fifteen-letters"]], ["id": "ben", "tokens": ["x"]]]],
      requiresTokens: true)
    #expect(
      users.flatMap(\.warnings) == [
        "users[0].tokens[1] is shorter than 16 characters: somebody could guess it",
        "users[1].tokens[0] is shorter than 16 characters: somebody could guess it",
      ])
  }

  @Test("name users, with tenant, databases and role where they are given")
  func users() throws {
    let users = try TokenUsers.parse(
      [
        "users": [
          ["id": "ann", "tokens": ["t1", "t2"], "tenant": "acme", "databases": ["one", "two"], "role": "read"],
          ["id": "ben", "tokens": ["t3"], "role": .null],
          ["id": "cid", "tokens": ["t4"], "databases": "one"],
        ]
      ], requiresTokens: true)
    #expect(users.map(\.id) == ["ann", "ben", "cid"])
    #expect(users[0].tokens == [TokenDigest(of: "t1"), TokenDigest(of: "t2")])
    #expect(users[0].scope == Scope(tenant: "acme", databases: ["one", "two"]))
    #expect(users.map(\.role) == ["read", nil, nil])
    #expect(users[1].scope == Scope(tenant: "*", databases: ["*"]))
    #expect(users[2].scope == Scope(tenant: "*", databases: ["one"]))
  }

  static let faults: [(JSONValue, String)] = [
    (.null, "expected \"users\""), ([], "expected \"users\""), ([:], "expected \"users\""),
    ("secret-1", "expected \"users\""),
    (["users": .null], "users must be a list"), (["users": ["id": "ann"]], "users must be a list"),
    (["users": ["secret-1"]], "users[0] must be a mapping"),
    (["users": [["tokens": ["secret-1"]]]], "users[0].id is missing"),
    (["users": [["id": 7, "tokens": ["secret-1"]]]], "users[0].id must be text; in YAML put it in quotes"),
    (["users": [["id": "", "tokens": ["secret-1"]]]], "users[0].id must be text"),
    (["users": [["id": "ann"]]], "users[0].tokens is missing"),
    (["users": [["id": "ann", "tokens": []]]], "users[0].tokens is missing"),
    (["users": [["id": "ann", "tokens": "secret-1"]]], "users[0].tokens must be a list"),
    (["users": [["id": "ann", "tokens": ["ok", 123]]]], "users[0].tokens[1] must be text; in YAML put it in quotes"),
    (["users": [["id": "ann", "tokens": ["ok", "secret 1"]]]], "users[0].tokens[1] must be one or more ASCII"),
    (["users": [["id": "ann", "tokens": [["secret": "secret-1"]]]]], "users[0].tokens[0] must be text"),
    (["users": [["id": "ann", "tokens": ["secret-1"], "tenant": 7]]], "users[0].tenant must be text"),
    (["users": [["id": "ann", "tokens": ["secret-1"], "tenant": .null]]], "users[0].tenant has no value"),
    (["users": [["id": "ann", "tokens": ["SHA256:secret-1"]]]], "users[0].tokens[0] looks like a hash"),
    (
      ["users": [["id": "ann", "tokens": ["ann:$2b$secret-1"]]]], "users[0].tokens[0] looks like a line of an htpasswd"
    ),
    (["users": [["id": "ann", "tokens": ["secret-1"], "tenant": ["a"]]]], "users[0].tenant must be text"),
    (["users": [["id": "ann", "tokens": ["secret-1"], "tenant": ""]]], "users[0].tenant must be text"),
    (["users": [["id": "ann", "tokens": ["secret-1"], "databases": []]]], "users[0].databases is empty"),
    (["users": [["id": "ann", "tokens": ["secret-1"], "databases": 7]]], "users[0].databases must be a list"),
    (
      ["users": [["id": "ann", "tokens": ["secret-1"], "databases": ["a", .null]]]],
      "users[0].databases[1] must be text"
    ),
    (["users": [["id": "ann", "tokens": ["secret-1"], "role": ["read"]]]], "users[0].role must be text"),
    (["users": [["id": "ann", "tokens": ["secret-1"], "database": "a"]]], "users[0].database is unknown"),
    (
      ["users": [["id": "ann", "tokens": ["secret-1"]], ["id": "ann", "tokens": ["secret-2"]]]],
      "users[1].id: the user ann comes twice"
    ),
  ]

  @Test("that are malformed are refused with the path, and without the token", arguments: faults)
  func malformed(json: JSONValue, message: String) {
    let error = #expect(throws: AccessError.self) { try TokenUsers.parse(json, requiresTokens: true) }
    #expect(error?.message.hasPrefix(message) ?? false, "\(error?.message ?? "")")
    #expect(error?.message.contains("secret") == false)
  }
}
