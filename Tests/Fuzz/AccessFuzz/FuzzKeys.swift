import ChromaModel
import Crypto
import Foundation

/// Keys made for one run, and tokens they have signed.
struct FuzzKeys {
  private let elliptic = P256.Signing.PrivateKey()
  private let edwards = Curve25519.Signing.PrivateKey()

  /// As a key set.
  var json: String {
    let point = elliptic.publicKey.x963Representation.dropFirst()
    let keys: JSONValue = [
      [
        "kty": "EC", "kid": "1", "crv": "P-256", "x": .string(base64URL(point.prefix(32))),
        "y": .string(base64URL(point.suffix(32))),
      ],
      ["kty": "OKP", "kid": "2", "crv": "Ed25519", "x": .string(base64URL(edwards.publicKey.rawRepresentation))],
    ]
    return JSONValue.object(["keys": keys]).text
  }

  func tokens() throws -> [String] {
    let claims: [JSONValue] = [
      ["sub": "ann", "role": "read", "exp": 1_900_000_000],
      [
        "sub": "ben", "role": ["write", "other"], "exp": 1_900_000_000, "nbf": 5, "tenant": "acme",
        "databases": ["one"],
      ],
    ]
    return try claims.flatMap { claims in
      let first = signed(["alg": "ES256", "kid": "1"], claims)
      let second = signed(["alg": "EdDSA", "kid": "2", "typ": "JWT"], claims)
      return [
        "\(first).\(base64URL(try elliptic.signature(for: Data(first.utf8)).rawRepresentation))",
        "\(second).\(base64URL(try edwards.signature(for: Data(second.utf8))))",
      ]
    }
  }

  private func signed(_ header: JSONValue, _ claims: JSONValue) -> String {
    base64URL(Data(header.text.utf8)) + "." + base64URL(Data(claims.text.utf8))
  }

  private func base64URL(_ bytes: Data) -> String {
    bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
