import ChromaModel

/// A user and its tokens, as credentials or an authorization file name them.
package struct TokenUser: Sendable, Hashable {
  package var id: String
  package var tokens: [TokenDigest]
  /// The one tenant it may touch; `"*"` for every tenant.
  package var tenant = "*"
  /// The databases it may touch within ``tenant``; `["*"]` for all of them.
  package var databases = ["*"]
  package var role: String?
  /// Sentences on tokens that somebody could guess, for the log.
  package private(set) var warnings: [String] = []

  package init(id: String, tokens: [TokenDigest]) {
    self.id = id
    self.tokens = tokens
  }
}

package enum TokenUsers {
  /// A token of fewer characters is worth a warning.
  static let shortestGoodToken = 16

  /// The user of a single token: whoever has it may do everything, as far as no roles are configured.
  ///
  /// - Parameter text: blanks and line breaks at its ends are not part of the token.
  package static func parse(token text: String) throws(AccessError) -> [TokenUser] {
    var user = TokenUser(id: "anonymous", tokens: [])
    try user.add(token: text, at: "the token")
    return [user]
  }

  /// Reads `users: [{id, tokens, tenant, databases, role}]`.
  ///
  /// - Parameter requiresTokens: whether each user must have some; in an authorization file not.
  /// - Throws: for values of the wrong kind, unknown keys and a user who comes twice; with the path to it, and without
  ///   a token.
  package static func parse(_ json: JSONValue, requiresTokens: Bool) throws(AccessError) -> [TokenUser] {
    guard case .object(let root) = json, let list = root["users"] else {
      throw AccessError("expected \"users\", a list of {id, tokens}")
    }
    guard case .array(let elements) = list else { throw AccessError("users must be a list") }
    var users: [TokenUser] = []
    var seen: Set<String> = []
    for (index, element) in elements.enumerated() {
      let user = try TokenUser(element, at: "users[\(index)]", requiresTokens: requiresTokens)
      guard seen.insert(user.id).inserted else {
        throw AccessError("users[\(index)].id: the user \(user.id) comes twice")
      }
      users.append(user)
    }
    return users
  }
}

extension TokenUser {
  fileprivate init(_ json: JSONValue, at path: String, requiresTokens: Bool) throws(AccessError) {
    guard case .object(let members) = json else { throw AccessError("\(path) must be a mapping") }
    for key in members.keys.sorted() where !["id", "tokens", "tenant", "databases", "role"].contains(key) {
      throw AccessError("\(path).\(key) is unknown; a user has id, role, tokens, tenant and databases")
    }
    for key in ["tenant", "databases"] where members[key]?.isNull ?? false {
      throw AccessError("\(path).\(key) has no value; leave it out to allow all")
    }
    guard let id = try members.text("id", at: path) else { throw AccessError("\(path).id is missing") }
    self.init(id: id, tokens: [])
    for (index, token) in try (members.list("tokens", at: path) ?? []).enumerated() {
      // Chroma 0.4's example has {token, secret}, of which the second was never read.
      let value = token["token"] ?? token
      guard case .string(let text) = value else { throw .notText("\(path).tokens[\(index)]") }
      try add(token: text, at: "\(path).tokens[\(index)]")
    }
    guard !requiresTokens || !tokens.isEmpty else {
      throw AccessError("\(path).tokens is missing; it lists one token or more")
    }
    if let tenant = try members.text("tenant", at: path) { self.tenant = tenant }
    role = try members.text("role", at: path)
    if case .string(let name)? = members["databases"], !name.isEmpty {
      databases = [name]
    } else if let names = try members.list("databases", at: path) {
      guard !names.isEmpty else {
        throw AccessError("\(path).databases is empty, which allows nothing; leave it out to allow all")
      }
      databases = []
      for (index, name) in names.enumerated() {
        guard case .string(let text) = name, !text.isEmpty else { throw .notText("\(path).databases[\(index)]") }
        databases.append(text)
      }
    }
  }

  /// - Throws: for a token of no characters, or of others than ASCII letters, digits and punctuation.
  fileprivate mutating func add(token text: String, at path: String) throws(AccessError) {
    let token = text.trimmed
    if let digest = TokenDigest(token) {
      tokens.append(digest)
      return
    }
    guard !token.lowercased().hasPrefix("sha256") else {
      throw AccessError("\(path) looks like a hash and is none: expected sha256: and 64 hexadecimal digits")
    }
    guard !token.contains(":$2") else {
      throw AccessError("\(path) looks like a line of an htpasswd file; write basic instead of token for the provider")
    }
    guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw AccessError("\(path) must be one or more ASCII letters, digits and punctuation, without blanks")
    }
    if token.utf8.count < TokenUsers.shortestGoodToken {
      warnings.append("\(path) is shorter than \(TokenUsers.shortestGoodToken) characters: somebody could guess it")
    }
    tokens.append(TokenDigest(of: token))
  }
}

extension [String: JSONValue] {
  /// The text of a member; `nil` where there is none, or null.
  func text(_ key: String, at path: String) throws(AccessError) -> String? {
    switch self[key] {
    case nil, .null?: return nil
    case .string(let text)? where !text.isEmpty: return text
    default: throw .notText("\(path).\(key)")
    }
  }

  /// The elements of a member; `nil` where there is none, or null.
  func list(_ key: String, at path: String) throws(AccessError) -> [JSONValue]? {
    switch self[key] {
    case nil, .null?: return nil
    case .array(let elements)?: return elements
    default: throw AccessError("\(path).\(key) must be a list")
    }
  }
}

extension AccessError {
  /// Numbers are not taken for text: YAML reads `007` as 7.
  static func notText(_ path: String) -> AccessError {
    AccessError("\(path) must be text; in YAML put it in quotes")
  }
}
