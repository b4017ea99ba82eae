import ChromaModel

/// A user and its tokens, as credentials or an authorization file name them.
package struct TokenUser: Sendable, Hashable {
  package var id: String
  package var tokens: [TokenDigest]
  package var tenant = "*"
  package var databases = ["*"]
  package var role: String?

  package init(id: String, tokens: [TokenDigest]) {
    self.id = id
    self.tokens = tokens
  }
}

package enum TokenUsers {
  /// The user of a single token: whoever has it may do everything, as far as no roles are configured.
  ///
  /// - Parameter text: blanks and line breaks at its ends are not part of the token.
  package static func parse(token text: String) throws(AccessError) -> [TokenUser] {
    [TokenUser(id: "anonymous", tokens: [try digest(text.trimmed, at: "the token")])]
  }

  /// Reads `users: [{id, tokens, tenant, databases, role}]`.
  ///
  /// - Parameter requiresTokens: whether each user must have some; in an authorization file not.
  package static func parse(_ json: JSONValue, requiresTokens: Bool) throws(AccessError) -> [TokenUser] {
    guard case .object(let root) = json, let list = root["users"] else {
      throw AccessError("expected \"users\", a list of {id, tokens}")
    }
    guard case .array(let elements) = list else { throw AccessError("users must be a list") }
    var users: [TokenUser] = []
    for (index, element) in elements.enumerated() {
      users.append(try user(element, at: "users[\(index)]", requiresTokens: requiresTokens))
    }
    var seen: Set<String> = []
    for user in users where !seen.insert(user.id).inserted { throw AccessError("the user \(user.id) comes twice") }
    return users
  }

  private static func user(
    _ json: JSONValue, at path: String, requiresTokens: Bool
  ) throws(AccessError) -> TokenUser {
    guard case .object(let members) = json else { throw AccessError("\(path) must be a mapping") }
    for key in members.keys.sorted() where !["id", "tokens", "tenant", "databases", "role"].contains(key) {
      throw AccessError("\(path).\(key) is unknown; a user has id, role, tokens, tenant and databases")
    }
    guard case .string(let id)? = members["id"]?.asText, !id.isEmpty else {
      throw AccessError("\(path).id must be text")
    }
    var user = TokenUser(id: id, tokens: [])
    switch members["tokens"] {
    case .array(let tokens)?:
      for (index, token) in tokens.enumerated() {
        guard case .string(let text) = token.asText else { throw AccessError("\(path).tokens[\(index)] must be text") }
        user.tokens.append(try digest(text.trimmed, at: "\(path).tokens[\(index)]"))
      }
    case nil, .null?: break
    default: throw AccessError("\(path).tokens must be a list")
    }
    guard !requiresTokens || !user.tokens.isEmpty else { throw AccessError("\(path).tokens names no token") }
    switch members["tenant"]?.asText {
    case nil, .null?: break
    case .string(let tenant)? where !tenant.isEmpty: user.tenant = tenant
    default: throw AccessError("\(path).tenant must be text")
    }
    switch members["databases"]?.asText {
    case nil, .null?: break
    case .string(let one)?: user.databases = [one]
    case .array(let names)?:
      user.databases = []
      for (index, name) in names.enumerated() {
        guard case .string(let text) = name.asText else {
          throw AccessError("\(path).databases[\(index)] must be text")
        }
        user.databases.append(text)
      }
    default: throw AccessError("\(path).databases must be a list of names")
    }
    switch members["role"]?.asText {
    case nil, .null?: break
    case .string(let role)?: user.role = role
    default: throw AccessError("\(path).role must be text")
    }
    return user
  }

  /// - Throws: for a token of no characters, or of others than ASCII letters, digits and punctuation.
  private static func digest(_ token: String, at path: String) throws(AccessError) -> TokenDigest {
    if let digest = TokenDigest(token) { return digest }
    guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw AccessError("\(path) must be one or more ASCII letters, digits and punctuation, without blanks")
    }
    return TokenDigest(of: token)
  }
}

extension JSONValue {
  /// A number as YAML's plain scalars may be meant: `id: 7`.
  var asText: JSONValue {
    if case .int(let whole) = self { return .string(String(whole)) }
    return self
  }
}
