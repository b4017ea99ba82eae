import ChromaModel
import JWTKit

/// The public keys that sign tokens: a JSON Web Key Set (RFC 7517).
struct KeySet: Sendable {
  fileprivate struct Key: Sendable {
    let id: String?
    /// By name, those that this key can sign with: its kind's, or the only one that it says it is for.
    let algorithms: [String: any JWTAlgorithm]
  }

  private let keys: [Key]

  /// Of keys that a token does not choose among by name this many are tried, for each costs a check.
  static let maxTries = 10

  /// Keys that cannot sign for us (for encryption, symmetric, RSA below 2,048 bits, of unknown kinds) are passed over.
  ///
  /// - Throws: for what is no key set, or one without a key of use.
  init(json text: String) async throws(AccessError) {
    guard case .object(let root)? = try? JSONValue(parsing: text), case .array(let elements)? = root["keys"] else {
      throw AccessError("the key set is not a JSON object with \"keys\", a list")
    }
    var keys: [Key] = []
    for element in elements {
      if case .object(let members) = element, let key = await Key(members) { keys.append(key) }
    }
    guard !keys.isEmpty else { throw AccessError("the key set holds no public key that signs (RSA, EC or OKP)") }
    self.keys = keys
  }

  /// Whether some key could have signed the token.
  func knows(_ token: SignedTokenText) -> Bool { !candidates(for: token).isEmpty }

  /// Whether one of the keys has signed the token.
  func verify(_ token: SignedTokenText) -> Bool {
    candidates(for: token).contains { algorithm in
      (try? algorithm.verify(token.signature, signs: token.signed)) ?? false
    }
  }

  /// Those of the token's algorithm: of the key it names, or of all when it names none.
  private func candidates(for token: SignedTokenText) -> ArraySlice<any JWTAlgorithm> {
    keys.compactMap { key in
      if let keyID = token.keyID, key.id != keyID { return nil }
      return key.algorithms[token.algorithm]
    }
    .prefix(Self.maxTries)
  }
}

extension KeySet.Key {
  /// - Returns: `nil` for a key that is of no use here.
  fileprivate init?(_ members: [String: JSONValue]) async {
    guard case .string(let kind)? = members["kty"] else { return nil }
    if let use = members["use"], use != "sig" { return nil }
    // Only what describes a public key: a private one in the set is none of our business.
    let described = members.filter { ["kty", "n", "e", "crv", "x", "y"].contains($0.key) }
    var algorithms: [String: any JWTAlgorithm] = [:]
    for (name, needed) in SignedTokenText.algorithms where needed == kind {
      if let only = members["alg"], only != .string(name) { continue }
      // The library knows no curve by itself and would take coordinates for any.
      if let curve = Self.curves[name], members["crv"] != .string(curve) { continue }
      algorithms[name] = await Self.algorithm(name, described)
    }
    guard !algorithms.isEmpty else { return nil }
    self.algorithms = algorithms
    if case .string(let id)? = members["kid"] { self.id = id } else { id = nil }
  }

  /// RFC 7518, section 3.4.
  private static let curves = ["ES256": "P-256", "ES384": "P-384", "ES512": "P-521"]

  private static func algorithm(_ name: String, _ members: [String: JSONValue]) async -> (any JWTAlgorithm)? {
    var members = members
    members["alg"] = .string(name)
    members["kid"] = "key"
    let set: JSONValue = ["keys": [.object(members)]]
    return try? await JWTKeyCollection().add(jwksJSON: set.text).getKey(for: "key")
  }
}
