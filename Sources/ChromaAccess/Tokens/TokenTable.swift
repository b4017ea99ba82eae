import Crypto

/// Finds the user of a token. Neither tokens nor their SHA-256 are kept.
package struct TokenTable: Sendable {
  /// By HMAC-SHA256 of the token's digest under a key of this process: neither the time a look-up takes nor the memory
  /// of the process tells anything of a token.
  private var users: [[UInt8]: TokenUser] = [:]
  private let key = SymmetricKey(size: .bits256)

  /// A user who comes twice, as from the credentials and from the authorization file, is one: all tokens of both
  /// are good, for what both scopes allow.
  ///
  /// - Throws: when two users share a token, and when the scopes of one exclude each other.
  package init(_ list: [TokenUser]) throws(AccessError) {
    var merged: [String: TokenUser] = [:]
    for user in list { merged[user.id] = try merged[user.id]?.merged(with: user) ?? user }
    for user in merged.values.sorted(by: { $0.id < $1.id }) {
      var owner = user
      owner.tokens = []
      for token in user.tokens {
        let mark = mark(token)
        if let other = users[mark], other.id != user.id {
          throw AccessError("the users \(other.id) and \(user.id) share a token; give each its own")
        }
        users[mark] = owner
      }
    }
  }

  package var isEmpty: Bool { users.isEmpty }

  func user(of token: String) -> TokenUser? { users[mark(TokenDigest(of: token))] }

  private func mark(_ digest: TokenDigest) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: digest.bytes, using: key))
  }
}

extension TokenUser {
  fileprivate func merged(with other: TokenUser) throws(AccessError) -> TokenUser {
    guard let scope = scope.intersection(other.scope) else {
      throw AccessError(
        "the user \(id) has \(scope) in one place and \(other.scope) in another, which leaves nothing; name it once")
    }
    var user = TokenUser(id: id, tokens: tokens + other.tokens)
    user.tenant = scope.tenant
    user.databases = scope.databases
    user.role = role ?? other.role
    return user
  }
}
