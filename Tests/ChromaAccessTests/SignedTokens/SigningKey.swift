import ChromaModel
import Crypto
import CryptoExtras
import Foundation

/// A key that signs tokens, made for one test run, and what a key set says of it.
struct SigningKey: Sendable {
  let algorithms: [String]
  let members: [String: JSONValue]
  fileprivate let sign: @Sendable (String, [UInt8]) throws -> [UInt8]

  /// As an element of a key set.
  func json(id: String? = nil, changing changes: [String: JSONValue?] = [:]) -> JSONValue {
    var members = members
    if let id { members["kid"] = .string(id) }
    for (name, value) in changes { members[name] = value }
    return .object(members)
  }

  /// A token in compact form. The header says `alg` and, unless it is `nil`, `kid`; `header` says more.
  func token(
    _ algorithm: String, id: String? = nil, header: [String: JSONValue] = [:], claims: JSONValue
  ) throws -> String {
    var members: [String: JSONValue] = ["alg": .string(algorithm), "typ": "JWT"]
    if let id { members["kid"] = .string(id) }
    members.merge(header) { _, given in given }
    let signed = Array(JSONValue.object(members).text.utf8).base64URL + "." + Array(claims.text.utf8).base64URL
    return signed + "." + (try sign(algorithm, Array(signed.utf8))).base64URL
  }

  static let rsa = makeRSA()
  static let otherRSA = makeRSA()

  static let p256 = fresh256

  /// Another one each time.
  static var fresh256: SigningKey {
    let key = P256.Signing.PrivateKey()
    return elliptic("ES256", "P-256", key.publicKey.x963Representation) { _, bytes in
      Array(try key.signature(for: bytes).rawRepresentation)
    }
  }

  static let p384 = {
    let key = P384.Signing.PrivateKey()
    return elliptic("ES384", "P-384", key.publicKey.x963Representation) { _, bytes in
      Array(try key.signature(for: bytes).rawRepresentation)
    }
  }()

  static let p521 = {
    let key = P521.Signing.PrivateKey()
    return elliptic("ES512", "P-521", key.publicKey.x963Representation) { _, bytes in
      Array(try key.signature(for: bytes).rawRepresentation)
    }
  }()

  static let ed25519 = {
    let key = Curve25519.Signing.PrivateKey()
    let members: [String: JSONValue] = [
      "kty": "OKP", "crv": "Ed25519", "x": .string(Array(key.publicKey.rawRepresentation).base64URL),
    ]
    return SigningKey(algorithms: ["EdDSA"], members: members) { _, bytes in Array(try key.signature(for: bytes)) }
  }()

  static let all = [rsa, p256, p384, p521, ed25519]

  private static func elliptic(
    _ algorithm: String, _ curve: String, _ point: Data, sign: @escaping @Sendable (String, [UInt8]) throws -> [UInt8]
  ) -> SigningKey {
    let coordinates = Array(point.dropFirst())
    let half = coordinates.count / 2
    let members: [String: JSONValue] = [
      "kty": "EC", "crv": .string(curve), "x": .string(Array(coordinates.prefix(half)).base64URL),
      "y": .string(Array(coordinates.suffix(half)).base64URL),
    ]
    return SigningKey(algorithms: [algorithm], members: members, sign: sign)
  }

  private static func makeRSA() -> SigningKey {
    guard let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048),
      let primitives = try? key.publicKey.getKeyPrimitives()
    else { fatalError("no RSA key can be made") }
    let members: [String: JSONValue] = [
      "kty": "RSA", "n": .string(Array(primitives.modulus).base64URL),
      "e": .string(Array(primitives.publicExponent).base64URL),
    ]
    let algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
    return SigningKey(algorithms: algorithms, members: members) { algorithm, bytes in
      let padding: _RSA.Signing.Padding = algorithm.hasPrefix("PS") ? .PSS : .insecurePKCS1v1_5
      switch algorithm.suffix(3) {
      case "384": return Array(try key.signature(for: SHA384.hash(data: bytes), padding: padding).rawRepresentation)
      case "512": return Array(try key.signature(for: SHA512.hash(data: bytes), padding: padding).rawRepresentation)
      default: return Array(try key.signature(for: SHA256.hash(data: bytes), padding: padding).rawRepresentation)
      }
    }
  }
}

/// A key set as text.
func keySet(_ keys: JSONValue...) -> String { keySet(keys) }

func keySet(_ keys: [JSONValue]) -> String { JSONValue.object(["keys": .array(keys)]).text }

extension [UInt8] {
  /// RFC 4648, section 5, without padding.
  var base64URL: String {
    Data(self).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
