import ChromaModel

/// A JSON Web Token in compact form (RFC 7515, section 3.1), taken apart and not yet believed.
struct SignedTokenText: Sendable {
  /// The signature algorithms that are believed: asymmetric ones only. `none` and `HS…` are not among them.
  static let algorithms: [String: String] = [
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC", "EdDSA": "OKP",
  ]
  /// Longer ones are refused unread.
  static let maxBytes = 16_384

  let text: String
  let algorithm: String
  /// Names the key among several.
  let keyID: String?
  let claims: JSONValue

  /// - Returns: `nil` for what is no such token, needs an algorithm that is not believed, or an extension nobody knows.
  init?(_ text: String) {
    guard text.utf8.count <= Self.maxBytes else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Self.json(parts[0]), let claims = Self.json(parts[1]), !parts[2].isEmpty,
      case .string(let algorithm)? = header["alg"], Self.algorithms[algorithm] != nil, header["crit"] == nil
    else { return nil }
    self.text = text
    self.algorithm = algorithm
    if case .string(let keyID)? = header["kid"] { self.keyID = keyID } else { keyID = nil }
    self.claims = claims
  }

  /// Whether a text has the looks of one, at no cost.
  static func resembles(_ text: String) -> Bool { text.utf8.count { $0 == UInt8(ascii: ".") } == 2 }

  private static func json(_ part: Substring) -> JSONValue? {
    guard let bytes = base64Decoded(part.utf8, isURL: true), let text = String(validating: bytes, as: UTF8.self),
      let value = try? JSONValue(parsing: text), case .object = value
    else { return nil }
    return value
  }
}
