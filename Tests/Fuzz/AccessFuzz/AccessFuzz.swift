import ChromaAccess
import ChromaModel
import ChromaTestSupport
import Crypto
import Foundation

/// A property that did not hold.
package struct FuzzFailure: Error, CustomStringConvertible {
  let what: String
  let execution: Int
  let seed: UInt64
  let input: String

  package var description: String { "\(what); seed \(seed), execution \(execution), input \(input.debugDescription)" }
}

/// How often each input was tried and how often it was accepted: a fuzzer whose inputs are all refused finds nothing.
package struct FuzzReport: Sendable {
  package internal(set) var executions: [String: Int] = [:]
  package internal(set) var accepted: [String: Int] = [:]
}

/// Feeds what comes from outside, mutated from valid inputs, to everything in ChromaAccess that reads it.
///
/// Nothing may trap; whoever is recognised shows exactly a credential that is known; what is accepted is what
/// ``Reference`` accepts; and no error repeats a secret.
package struct AccessFuzz {
  private var mutator: Mutator
  private let seed: UInt64
  private var execution = 0
  private var report = FuzzReport()
  private let tokens = [
    "chroma_0123456789abcdef", "x.y.z", "s3cr3t-token-of-ann", "Bearer", "sha256:short", "t:k=e,n/1?",
  ]
  private let tokenAuthenticator: Authenticator
  private let signedTokens: [String]
  private let signedTokenAuthenticator: Authenticator
  private let keySet: String

  private init(seed: UInt64) async throws {
    self.seed = seed
    mutator = Mutator(random: SeededGenerator(seed: seed))
    let users = tokens.enumerated().map { TokenUser(id: "user \($0.offset)", tokens: [TokenDigest(of: $0.element)]) }
    tokenAuthenticator = Authenticator(policy: .everything, tokens: try TokenTable(users))
    let keys = FuzzKeys()
    let set = keys.json
    keySet = set
    signedTokens = try keys.tokens()
    signedTokenAuthenticator = Authenticator(
      policy: .everything,
      signedTokens: try await SignedTokenVerifier(
        SignedTokenConfiguration(), policy: .everything, fetch: { set }, report: { _ in }, now: { 1_800_000_000 }))
  }

  /// - Throws: ``FuzzFailure`` at the first property that does not hold.
  package static func run(executions: Int, seed: UInt64) async throws -> FuzzReport {
    var fuzz = try await AccessFuzz(seed: seed)
    try await fuzz.run(executions: executions)
    return fuzz.report
  }

  private mutating func run(executions: Int) async throws {
    for index in 0..<executions {
      execution = index
      switch Int.random(in: 0..<100, using: &mutator.random) {
      case 0..<25: try header()
      case 25..<45: try await token()
      case 45..<60: try passwordFile()
      case 60..<75: try tokenCredentials()
      case 75..<90: try await policy()
      case 90..<99: try await signedToken()
      default: try await keySetText()
      }
    }
  }

  private mutating func count(_ name: String, accepted: Bool) {
    report.executions[name, default: 0] += 1
    report.accepted[name, default: 0] += accepted ? 1 : 0
  }

  private func check(_ holds: Bool, _ what: String, _ input: String) throws {
    guard holds else { throw FuzzFailure(what: what, execution: execution, seed: seed, input: input) }
  }

  // MARK: What is tried

  private static let headers = [
    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic dGVzdDoxMjPCow==", "Basic Og==", "basic YWRtaW46YWRtaW4=",
    "Bearer chroma_0123456789abcdef", "BEARER x.y.z", "bearer \t s3cr3t-token-of-ann ",
  ]

  private mutating func header() throws {
    let text = mutator.text(from: Self.headers)
    let header = AuthorizationHeader(text)
    try check(header == Reference.header(text), "the header is read as \(String(describing: header))", text)
    count("header", accepted: header != nil)
  }

  private mutating func token() async throws {
    let corpus = tokens + tokens.map { "Bearer \($0)" } + Self.headers
    let authorization = mutator.chance(3) ? nil : mutator.text(from: corpus)
    let chromaToken = mutator.chance(2) ? nil : mutator.text(from: corpus)
    let shown = Reference.token(authorization: authorization, chromaToken: chromaToken)
    let known = tokens.firstIndex { shown.map(Array.init(utf8ing:)) == Array($0.utf8) }
    let user = try? await tokenAuthenticator.identify(
      PresentedCredentials(authorization: authorization, chromaToken: chromaToken, address: "192.0.2.1")
    ).userID
    try check(
      user == known.map { "user \($0)" }, "the token is that of \(user ?? "nobody")",
      "\(authorization ?? "nil") and \(chromaToken ?? "nil")")
    count("token", accepted: user != nil)
  }

  private static let hashes = [
    "$2y$05$e5sRb6NCcSH3YfbIxe1AGu2h5K7OOd982OXKmd8WyQ3DRQ4MvpnZS",
    "$2b$04$ABCDEFGHIJKLMNOPQRSTUuY6iEsPwTVWE67No4zk5tmg5EhdNYRhm",
  ]

  private mutating func passwordFile() throws {
    let text = mutator.text(from: [
      "admin:\(Self.hashes[0])\n", "# users\r\nann:\(Self.hashes[1])\r\n\r\nbj\u{f6}rn:\(Self.hashes[0])\r\n",
      "a:\(Self.hashes[0])\nb:\(Self.hashes[0])\nc:\(Self.hashes[1])",
    ])
    var message: String?
    do throws(AccessError) { _ = try PasswordTable(htpasswd: text) } catch { message = error.message }
    try check((message == nil) == Reference.isPasswordFile(text), "the file is judged \(message ?? "good")", text)
    for hash in Self.hashes {
      let repeats = message.map { $0.contains(hash.suffix(20)) && !$0.contains("comes twice") } ?? false
      try check(!repeats, "a hash is repeated: \(message ?? "")", text)
    }
    count("password file", accepted: message == nil)
  }

  private static let words = [
    "users", "id", "tokens", "tenant", "databases", "role", "roles_mapping", "actions", "read", "write", "admin", "ann",
    "ben",
    "acme", "*", "one", "collection:get", "collection:add", "db:get_database", "system:reset", "", "looker",
    "resources",
  ]

  private mutating func tokenCredentials() throws {
    let secret = "s3cr3t-token-of-ann"
    let accepted: Bool
    let input: String
    var message = ""
    if mutator.chance(3) {
      input = mutator.text(from: tokens.map { $0 + "\n" })
      let token = Reference.trimmed(Array(input.utf8))
      let digest = TokenDigest(String(decoding: token, as: UTF8.self))
      let users = try? TokenUsers.parse(token: input)
      let looksLikeHash =
        digest == nil
        && (token.prefix(6).map { $0 | 0x20 }.elementsEqual("sha256".utf8.map { $0 | 0x20 })
          || String(decoding: token, as: UTF8.self).contains(":$2"))
      let isGood = !token.isEmpty && token.allSatisfy { (0x21...0x7e).contains($0) } && !looksLikeHash
      let expected = isGood ? [digest ?? TokenDigest(of: String(decoding: token, as: UTF8.self))] : nil
      try check(users?.flatMap(\.tokens) == expected, "the token is judged otherwise", input)
      accepted = users != nil
    } else {
      let json = mutator.value(
        from: [
          [
            "users": [
              ["id": "ann", "tokens": [.string(secret)]], ["id": "ben", "tokens": ["b1", "b2"], "role": "read"],
            ]
          ],
          ["users": [["id": "ann", "tokens": [.string(secret)], "tenant": "acme", "databases": ["one", "two"]]]],
        ], words: Self.words)
      input = json.text
      let requiresTokens = mutator.chance(2)
      var users: [TokenUser]?
      do throws(AccessError) {
        users = try TokenUsers.parse(json, requiresTokens: requiresTokens)
        _ = try TokenTable(users ?? [])
      } catch {
        message = error.message
      }
      if let users {
        try check(Set(users.map(\.id)).count == users.count, "a user comes twice", input)
        try check(!requiresTokens || users.allSatisfy { !$0.tokens.isEmpty }, "a user has no token", input)
      }
      accepted = users != nil
    }
    try check(!message.contains(secret), "a token is repeated: \(message)", input)
    count("token credentials", accepted: accepted)
  }

  private mutating func policy() async throws {
    let json = mutator.value(
      from: [
        [
          "roles_mapping": [
            "looker": ["actions": ["collection:get", "read"]], "admin": ["actions": ["system:reset"]],
          ],
          "users": [
            ["id": "ann", "role": "looker", "tokens": ["t-ann"]], ["id": "ben", "role": "admin", "tokens": ["t-ben"]],
          ],
        ],
        [
          "users": [["id": "ann", "role": "write", "tokens": ["t-ann"], "tenant": "acme", "databases": ["one"]]],
          "roles_mapping": ["nobody": ["actions": []]],
        ],
      ], words: Self.words)
    guard let policy = try? AccessPolicy(json), let table = try? TokenTable(policy.tokenUsers) else {
      return count("policy", accepted: false)
    }
    let authenticator = Authenticator(policy: policy, tokens: table)
    for token in ["t-ann", "t-ben", "t-other"] {
      let identity = try? await authenticator.identify(PresentedCredentials(chromaToken: token, address: "192.0.2.1"))
      let entry = json["users"]?.elements.first { ReferencePolicy.hasToken($0, token) }
      try check(
        identity?.actions == entry.map { ReferencePolicy.actions(ofRole: $0["role"], json) },
        "\(token) may do \(String(describing: identity))", json.text)
      try check(identity.map { .string($0.userID) } == entry?["id"], "\(token) is of another user", json.text)
    }
    count("policy", accepted: true)
  }

  private mutating func signedToken() async throws {
    let text = mutator.text(from: signedTokens)
    let shown = String(decoding: Reference.trimmed(Array(text.utf8)), as: UTF8.self)
    let user = try? await signedTokenAuthenticator.identify(
      PresentedCredentials(authorization: "Bearer \(text)", address: "192.0.2.1")
    ).userID
    let isKnown = signedTokens.contains { $0.utf8.elementsEqual(shown.utf8) }
    try check((user != nil) == isKnown, "the token is that of \(user ?? "nobody")", text)
    count("signed token", accepted: user != nil)
  }

  private mutating func keySetText() async throws {
    let text = mutator.text(from: [keySet])
    let verifier = try? await SignedTokenVerifier(
      SignedTokenConfiguration(), policy: .everything, fetch: { text }, report: { _ in }, now: { 1_800_000_000 })
    count("key set", accepted: verifier != nil)
  }
}

extension [UInt8] {
  fileprivate init(utf8ing text: String) { self = Array(text.utf8) }
}

extension JSONValue {
  var elements: [JSONValue] {
    if case .array(let elements) = self { return elements }
    return []
  }
}
