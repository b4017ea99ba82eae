import ChromaModel
import Testing

@testable import ChromaAccess

@Suite("The claims of a signed token")
struct SignedTokenClaimsTests {
  @Test(
    "are current between nbf and iat and exp, give or take the leeway",
    arguments: [
      (["exp": 1000], 939, true), (["exp": 1000], 1059, true), (["exp": 1000], 1060, false),
      (["exp": 1000], 5000, false),
      (["exp": 1000.5], 1060, true), (["exp": 1000.5], 1061, false), ([:], 0, false), (["exp": "1000"], 10, false),
      (["exp": .null], 10, false), (["exp": [1000]], 10, false), (["exp": 1000, "nbf": 500], 440, true),
      (["exp": 1000, "nbf": 500], 439, false), (["exp": 1000, "nbf": "500"], 600, false),
      (["exp": 1000, "iat": 500], 440, true), (["exp": 1000, "iat": 500], 439, false),
      (["exp": 1000, "iat": .null], 600, false), (["exp": -1], 0, true), (["exp": -100], 0, false),
      (["exp": 1e300], 5, true),
    ] as [(JSONValue, Double, Bool)])
  func time(json: JSONValue, at time: Double, isCurrent: Bool) {
    #expect(SignedTokenClaims(json: json).isCurrent(at: time, leeway: 60) == isCurrent)
  }

  @Test("are for us when issuer and audience are, where that is asked")
  func audience() {
    var configuration = SignedTokenConfiguration()
    func isMeant(_ json: JSONValue) -> Bool { SignedTokenClaims(json: json).isMeant(for: configuration) }
    #expect(isMeant([:]))
    #expect(isMeant(["iss": "other", "aud": "other"]))
    configuration.issuer = "https://issuer.example"
    #expect(isMeant(["iss": "https://issuer.example"]))
    for json: JSONValue in [
      [:], ["iss": "https://issuer.example/"], ["iss": ["https://issuer.example"]], ["iss": .null], ["iss": ""],
    ] {
      #expect(!isMeant(json), "\(json.text)")
    }
    configuration.issuer = nil
    configuration.audience = "chroma"
    #expect(isMeant(["aud": "chroma"]))
    #expect(isMeant(["aud": ["other", "chroma"]]))
    for json: JSONValue in [
      [:], ["aud": "chroma2"], ["aud": []], ["aud": ["other"]], ["aud": .null], ["aud": ["chroma", 7]],
      ["aud": ["a": "chroma"]],
    ] {
      #expect(!isMeant(json), "\(json.text)")
    }
  }

  let policy: AccessPolicy

  init() throws {
    policy = try AccessPolicy([
      "roles_mapping": ["get": ["actions": ["collection:get"]], "add": ["actions": ["collection:add"]]]
    ])
  }

  private func identity(_ json: JSONValue, _ change: (inout SignedTokenConfiguration) -> Void = { _ in }) -> Identity? {
    var configuration = SignedTokenConfiguration()
    change(&configuration)
    return SignedTokenClaims(json: json).identity(by: configuration, policy)
  }

  @Test("say who is asking, and its roles what it may do")
  func roles() {
    #expect(identity(["sub": "ann", "role": "get"]) == Identity(userID: "ann", actions: [.get]))
    #expect(identity(["sub": "ann", "role": ["get", "add", "nonsense"]])?.actions == [.get, .add])
    for json: JSONValue in [
      ["sub": "ann"], ["sub": "ann", "role": .null], ["sub": "ann", "role": []], ["sub": "ann", "role": "nonsense"],
      ["sub": "ann", "role": ["get", 7]], ["sub": "ann", "role": ["get": true]], ["sub": "ann", "role": 7],
      ["sub": "ann", "role": "get add"], ["sub": "ann", "role": "Get"],
    ] {
      #expect(identity(json) == Identity(userID: "ann", actions: []), "\(json.text)")
      #expect(identity(json) { $0.defaultRole = "get" }?.actions == [.get], "\(json.text)")
    }
    #expect(identity(["sub": "ann", "role": "add"]) { $0.defaultRole = "get" }?.actions == [.add])
    #expect(identity(["sub": "ann"]) { $0.defaultRole = "nonsense" }?.actions == [])
  }

  @Test("name nobody where the user is missing or no text")
  func nobody() {
    for json: JSONValue in [[:], ["sub": ""], ["sub": 7], ["sub": .null], ["sub": ["ann"]], ["name": "ann"]] {
      #expect(identity(json) == nil, "\(json.text)")
    }
  }

  @Test("may stand under other names, with dots for what is nested")
  func names() {
    let json: JSONValue = [
      "sub": "7f3", "email": "ann@example.com", "realm_access": ["roles": ["offline", "get"]],
      "https://example.com/roles": ["add"], "a.b": "add", "a": ["b": "get"],
    ]
    #expect(identity(json) { $0.userClaim = "email" }?.userID == "ann@example.com")
    #expect(identity(json) { $0.roleClaim = "realm_access.roles" }?.actions == [.get])
    #expect(identity(json) { $0.roleClaim = "https://example.com/roles" }?.actions == [.add])
    #expect(identity(json) { $0.roleClaim = "a.b" }?.actions == [.add])
    for name in ["realm_access", "realm_access.roles.0", "realm_access.", "sub.roles", ".", "", "none.at.all"] {
      #expect(identity(json) { $0.roleClaim = name }?.actions == [], "\(name)")
    }
  }

  @Test("narrow a user to a tenant and databases; what cannot be read lets nobody in")
  func scope() {
    #expect(
      identity(["sub": "ann", "tenant": "acme", "databases": ["one", "two"]])
        == Identity(userID: "ann", tenant: "acme", databases: ["one", "two"], actions: []))
    #expect(identity(["sub": "ann", "databases": "one"])?.databases == ["one"])
    // Null would narrow nothing, and was meant to.
    #expect(identity(["sub": "ann", "tenant": .null]) == nil)
    #expect(identity(["sub": "ann", "databases": .null]) == nil)
    for json: JSONValue in [
      ["sub": "ann", "tenant": ""], ["sub": "ann", "tenant": 7], ["sub": "ann", "tenant": ["acme"]],
      ["sub": "ann", "databases": []], ["sub": "ann", "databases": 7], ["sub": "ann", "databases": ["one", 7]],
      ["sub": "ann", "databases": ["a": "b"]],
    ] {
      #expect(identity(json) == nil, "\(json.text)")
    }
  }
}
