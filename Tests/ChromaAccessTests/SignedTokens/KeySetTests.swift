import ChromaModel
import Testing

@testable import ChromaAccess

@Suite("A key set")
struct KeySetTests {
  static let claims: JSONValue = ["sub": "ann"]

  private func verify(_ text: String, by set: String) async throws -> Bool {
    try await KeySet(json: set).verify(try #require(SignedTokenText(text)))
  }

  static let pairs = SigningKey.all.flatMap { key in key.algorithms.map { (key, $0) } }

  @Test("believes what its key has signed, by each algorithm, whether the key names it or not", arguments: pairs)
  func right(key: SigningKey, algorithm: String) async throws {
    let token = try key.token(algorithm, id: "k", claims: Self.claims)
    #expect(try await verify(token, by: keySet(key.json(id: "k"))))
    #expect(
      try await verify(token, by: keySet(key.json(id: "k", changing: ["alg": .string(algorithm), "use": "sig"]))))
    let unnamed = try key.token(algorithm, claims: Self.claims)
    #expect(try await verify(unnamed, by: keySet(key.json())))
    #expect(try await verify(unnamed, by: keySet(key.json(id: "k"))))
  }

  @Test("believes nothing else: not another key, name, algorithm, text or signature", arguments: pairs)
  func wrong(key: SigningKey, algorithm: String) async throws {
    let token = try key.token(algorithm, id: "k", claims: Self.claims)
    let set = keySet(key.json(id: "k"))
    #expect(try await !verify(token, by: keySet(key.json(id: "other"))))
    #expect(try await !verify(token, by: keySet(key.json())))
    for other in SigningKey.all + [.otherRSA] where other.members != key.members {
      #expect(try await !verify(token, by: keySet(other.json(id: "k"))))
    }
    for name in Self.pairs.map(\.1) where name != algorithm {
      // The same signature, said to be of another algorithm.
      let parts = token.split(separator: ".").map(String.init)
      let header: JSONValue = ["alg": .string(name), "kid": "k", "typ": "JWT"]
      let changed = "\(Array(header.text.utf8).base64URL).\(parts[1]).\(parts[2])"
      #expect(try await !verify(changed, by: set), "\(name)")
    }
    for only in ["RS256", "PS256", "ES256", "ES384", "EdDSA"] where only != algorithm {
      let limited = keySet(key.json(id: "k", changing: ["alg": .string(only)]), SigningKey.otherRSA.json(id: "x"))
      #expect(try await !verify(token, by: limited), "\(only)")
    }
  }

  @Test("knows the tokens of RFC 7515, appendix A.2 and A.3")
  func vectors() async throws {
    let claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    let elliptic: JSONValue = [
      "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    ]
    let rsa: JSONValue = [
      "kty": "RSA", "e": "AQAB",
      "n":
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    ]
    let tokens = [
      "eyJhbGciOiJSUzI1NiJ9.\(claims).cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
      "eyJhbGciOiJFUzI1NiJ9.\(claims).DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    ]
    for token in tokens {
      #expect(try await verify(token, by: keySet(rsa, elliptic)))
    }
    #expect(try await !verify(tokens[0], by: keySet(elliptic)))
    #expect(try await !verify(tokens[1], by: keySet(rsa)))
  }

  @Test("tries each key of the kind for a token that names none, and ten at most")
  func unnamed() async throws {
    let token = try SigningKey.p256.token("ES256", claims: Self.claims)
    let others = (0..<9).map { _ in SigningKey.fresh256.json() }
    let last = SigningKey.p256.json()
    #expect(try await verify(token, by: keySet(others + [last])))
    let more = others + [SigningKey.fresh256.json(), last]
    #expect(try await !verify(token, by: keySet(more)))
  }

  @Test("passes over keys that are of no use, and without any other is refused")
  func useless() async throws {
    let useless: [JSONValue] = [
      7, "x", [:], ["kty": "oct", "k": "c2VjcmV0", "alg": "HS256"], ["kty": "RSA"],
      ["kty": "RSA", "n": "AQAB", "e": "AQAB"],
      ["kty": "XYZ"], SigningKey.rsa.json(changing: ["use": "enc"]), SigningKey.rsa.json(changing: ["use": 7]),
      SigningKey.rsa.json(changing: ["alg": "HS256"]), SigningKey.rsa.json(changing: ["alg": "RSA-OAEP"]),
      SigningKey.rsa.json(changing: ["alg": 7]), SigningKey.rsa.json(changing: ["n": "not base64!"]),
      SigningKey.p256.json(changing: ["crv": "P-384"]), SigningKey.p256.json(changing: ["crv": nil]),
      SigningKey.p256.json(changing: ["crv": "secp256k1"]), SigningKey.p256.json(changing: ["y": nil]),
      SigningKey.p256.json(changing: ["x": SigningKey.p256.members["y"]]),
      SigningKey.ed25519.json(changing: ["crv": "X25519"]),
      SigningKey.ed25519.json(changing: ["x": "AAAA"]), SigningKey.p256.json(changing: ["kty": "RSA"]),
    ]
    for key in useless {
      await #expect(throws: AccessError.self, "\(key.text)") { try await KeySet(json: keySet(key)) }
    }
    let token = try SigningKey.ed25519.token("EdDSA", id: "k", claims: Self.claims)
    let set = keySet(useless + [SigningKey.ed25519.json(id: "k")])
    #expect(try await verify(token, by: set))
  }

  @Test(
    "is a JSON object with keys",
    arguments: ["", "[]", "{}", "null", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[", "<html>"])
  func malformed(text: String) async {
    await #expect(throws: AccessError.self) { try await KeySet(json: text) }
  }

  @Test("takes a private key for its public half")
  func privateKey() async throws {
    let token = try SigningKey.p256.token("ES256", claims: Self.claims)
    #expect(try await verify(token, by: keySet(SigningKey.p256.json(changing: ["d": "AAAA"]))))
  }
}
