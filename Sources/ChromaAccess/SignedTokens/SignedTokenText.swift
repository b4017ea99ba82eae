import ChromaModel

/// A JSON Web Token in compact form (RFC 7515, section 3.1), taken apart and not yet believed.
struct SignedTokenText: Sendable {
  /// The signature algorithms that are believed, with the kind of their keys (RFC 7518, section 3.1; RFC 8037):
  /// asymmetric ones only. `none` and `HS…` are not among them.
  static let algorithms: [String: String] = [
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC", "EdDSA": "OKP",
  ]
  /// Longer ones are refused unread.
  static let maxBytes = 16_384

  let algorithm: String
  /// Names the key among several.
  let keyID: String?
  let claims: JSONValue
  /// The bytes that are signed: header and claims as they came.
  let signed: [UInt8]
  let signature: [UInt8]

  /// - Returns: `nil` for what is no such token, needs an algorithm that is not believed, or an extension nobody knows.
  init?(_ text: String) {
    guard text.utf8.count <= Self.maxBytes else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Self.json(parts[0]), let claims = Self.json(parts[1]),
      let signature = base64Decoded(parts[2].utf8, isURL: true), !signature.isEmpty,
      case .string(let algorithm)? = header["alg"], Self.algorithms[algorithm] != nil, header["crit"] == nil
    else { return nil }
    switch header["kid"] {
    case nil: keyID = nil
    case .string(let keyID)?: self.keyID = keyID
    default: return nil
    }
    self.algorithm = algorithm
    self.claims = claims
    signed = Array("\(parts[0]).\(parts[1])".utf8)
    self.signature = signature
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
