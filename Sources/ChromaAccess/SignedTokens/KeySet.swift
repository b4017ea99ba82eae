import ChromaModel
import JWTKit

/// The public keys that sign tokens: a JSON Web Key Set (RFC 7517).
struct KeySet: Sendable {
  /// Each as the JSON it came as.
  private let keys: [[String: JSONValue]]

  /// Keys that cannot sign for us (for encryption, symmetric, of unknown kinds) are passed over.
  ///
  /// - Throws: for what is no key set, or one without a key of use.
  init(json text: String) throws(AccessError) {
    guard case .object(let root)? = try? JSONValue(parsing: text), case .array(let elements)? = root["keys"] else {
      throw AccessError("the key set is not a JSON object with \"keys\", a list")
    }
    keys = elements.compactMap { element in
      guard case .object(let members) = element, case .string(let kind)? = members["kty"],
        SignedTokenText.algorithms.values.contains(kind)
      else { return nil }
      if case .string(let use)? = members["use"], use != "sig" { return nil }
      if case .string(let algorithm)? = members["alg"], SignedTokenText.algorithms[algorithm] != kind { return nil }
      return members
    }
    guard !keys.isEmpty else { throw AccessError("the key set holds no public key that signs (RSA, EC or OKP)") }
  }

  /// Whether some key could have signed the token.
  func knows(_ token: SignedTokenText) -> Bool { !candidates(for: token).isEmpty }

  /// Whether one of the keys has signed the token.
  func verify(_ token: SignedTokenText) async -> Bool {
    for key in candidates(for: token) {
      guard let collection = await Self.collection(of: key, algorithm: token.algorithm) else { continue }
      if (try? await collection.verify(token.text, as: AnyClaims.self)) != nil { return true }
    }
    return false
  }

  /// Keys of the algorithm's kind: the one the token names, or all when it names none; ten at most, for each costs a check.
  private func candidates(for token: SignedTokenText) -> ArraySlice<[String: JSONValue]> {
    keys.filter { key in
      guard key["kty"] == SignedTokenText.algorithms[token.algorithm].map(JSONValue.string) else { return false }
      if let own = key["alg"], own != .string(token.algorithm) { return false }
      if let keyID = token.keyID { return key["kid"] == .string(keyID) }
      return true
    }
    .prefix(10)
  }

  private static func collection(of key: [String: JSONValue], algorithm: String) async -> JWTKeyCollection? {
    // Only what describes a public key: a private one in the set is none of our business.
    var members = key.filter { ["kty", "n", "e", "crv", "x", "y"].contains($0.key) }
    members["alg"] = .string(algorithm)
    members["kid"] = "key"
    let set: JSONValue = ["keys": [.object(members)]]
    return try? await JWTKeyCollection().add(jwksJSON: set.text)
  }
}

/// The library checks the signature; the claims are read from the text it has checked.
private struct AnyClaims: JWTPayload {
  func verify(using _: some JWTAlgorithm) {}
}
