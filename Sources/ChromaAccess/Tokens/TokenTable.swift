import Crypto

/// Finds the user of a token. The tokens themselves are not kept.
package struct TokenTable: Sendable {
  /// By HMAC-SHA256 of the token's digest under a key of this process: neither the time a look-up takes nor the memory of the process tells
  /// anything of a token.
  private var users: [[UInt8]: TokenUser] = [:]
  private let key = SymmetricKey(size: .bits256)

  /// - Throws: when two users share a token.
  package init(_ list: [TokenUser]) throws(AccessError) {
    for user in list {
      for token in user.tokens {
        let mark = mark(token)
        if let other = users[mark], other.id != user.id {
          throw AccessError("the users \(other.id) and \(user.id) share a token")
        }
        users[mark] = user
      }
    }
  }

  package var isEmpty: Bool { users.isEmpty }

  func user(of token: String) -> TokenUser? { users[mark(TokenDigest(of: token))] }

  private func mark(_ digest: TokenDigest) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: digest.bytes, using: key))
  }
}
