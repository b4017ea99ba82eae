import ChromaAccess
import ChromaModel
import HTTPTypes
import Testing

@testable import ChromaServer

@Suite struct RouteTableTests {
  @Test("No two routes share method and pattern")
  func unique() {
    let names = RouteTable.standard.routes.map { "\($0.method?.rawValue ?? "*") \($0.pattern)" }
    #expect(Set(names).count == names.count)
    #expect(names.count >= 35)
  }

  @Test("Each route is found by its own pattern", arguments: RouteTable.standard.routes.indices)
  func selfMatch(index: Int) {
    let route = RouteTable.standard.routes[index]
    guard case .found(let found, let values) = RouteTable.standard.match(route.method ?? .get, path: "\(route.pattern)")
    else {
      Issue.record("\(route.pattern) is not found")
      return
    }
    #expect(found.pattern == route.pattern)
    #expect(values.count == route.pattern.parameters.count)
  }

  @Test("A literal segment goes before a parameter, and a parameter takes what no literal fits")
  func literalFirst() {
    let base = "/api/v2/tenants/t/databases/d/collections"
    guard case .found(let byID, let values) = RouteTable.standard.match(.get, path: base + "/by-id/x") else {
      Issue.record("not found")
      return
    }
    #expect(byID.pattern.description.hasSuffix("/by-id/{collection_id}"))
    #expect(values == ["t", "d", "x"])
    guard case .found(let byName, let names) = RouteTable.standard.match(.get, path: base + "/by-id") else {
      Issue.record("a collection of that name is not found")
      return
    }
    #expect(byName.pattern.description.hasSuffix("/collections/{collection_id}"))
    #expect(names == ["t", "d", "by-id"])
  }

  @Test("One trailing slash is let pass, empty segments elsewhere are not")
  func slashes() {
    func isFound(_ path: String) -> Bool {
      if case .found = RouteTable.standard.match(.get, path: path) { true } else { false }
    }
    #expect(isFound("/api/v2/heartbeat/"))
    #expect(isFound("/api/v2/"))
    #expect(!isFound("/api/v2/heartbeat//"))
    #expect(!isFound("/api//v2/heartbeat"))
    #expect(!isFound("/api/v2/tenants//databases"))
    #expect(!isFound("/"))
    #expect(!isFound(""))
    #expect(!isFound("/API/v2/heartbeat"))
  }

  @Test("A wrong method names the right ones")
  func wrongMethod() {
    guard case .wrongMethod(let allowed) = RouteTable.standard.match(.delete, path: "/api/v2/heartbeat") else {
      Issue.record("not a wrong method")
      return
    }
    #expect(allowed == [.get, .head])
  }

  @Test("Every route but these needs an action: whoever adds an open one adds it here")
  func access() {
    let open: Set<String> = [
      "/api/v2", "/api/v2/heartbeat", "/api/v2/version", "/api/v2/healthcheck", "/api/v2/pre-flight-checks",
      "/api/v1", "/api/v1/heartbeat", "/api/v1/version", "/api/v1/pre-flight-checks", "/api/v1/{path...}",
      "/docs", "/openapi.json",
    ]
    for route in RouteTable.standard.routes + RouteTable.modern.routes {
      switch route.access {
      case .open: #expect(open.contains(route.pattern.description), "\(route.pattern) is open")
      case .recognized: #expect(route.pattern.description == "/api/v2/auth/identity")
      case .action: break
      }
    }
    #expect(RouteTable.openPatterns == open)
  }

  @Test("A route's place is found for whatever its action is about")
  func places() {
    for route in RouteTable.standard.routes {
      guard case .action(let action) = route.access else { continue }
      let names = Set(route.pattern.parameters)
      switch (action.rawValue.prefix { $0 != ":" }, route.scope) {
      case ("collection", .path): #expect(names.isSuperset(of: ["tenant", "database"]), "\(route.pattern)")
      case ("db", .path): #expect(names.contains("tenant"), "\(route.pattern)")
      default: break
      }
    }
  }
}

@Suite struct PercentEncodingTests {
  @Test(
    "Escapes resolve to UTF-8; what is none stays",
    arguments: [
      ("a%2Fb", "a/b"), ("%e2%82%ac", "€"), ("100%", "100%"), ("%zz", "%zz"), ("a+b", "a+b"), ("", ""), ("%00", "\0"),
    ])
  func decodes(text: String, expected: String) { #expect(percentDecoded(text[...]) == expected) }

  @Test("Bytes that are not UTF-8 are refused")
  func invalid() { #expect(percentDecoded("%ff%fe") == nil) }

  @Test("A plus is a space in a query string")
  func plus() { #expect(percentDecoded("a+b%2B", plusIsSpace: true) == "a b+") }
}

@Suite struct QueryStringTests {
  @Test(
    "Counts are whole numbers of 32 bits",
    arguments: [
      ("limit=-1", "limit: invalid digit found in string"), ("limit=", "limit: cannot parse integer from empty string"),
      ("limit=1&limit=2", "duplicate field `limit`"),
      ("limit=4294967296", "limit: number too large to fit in target type"),
      ("limit=99999999999999999999999", "limit: number too large to fit in target type"),
      ("limit=1.5", "limit: invalid digit found in string"), ("limit", "limit: cannot parse integer from empty string"),
      ("limit=%ff", "invalid utf-8 sequence"),
    ])
  func badCounts(text: String, message: String) {
    let error = #expect(throws: ChromaError.self) { try QueryString(text).count("limit") }
    #expect(error?.message == "Failed to deserialize query string: \(message)")
    #expect(error?.code == .invalidArgument)
  }

  @Test("Counts within range are taken")
  func goodCounts() throws {
    #expect(try QueryString("offset=7&limit=4294967295").count("limit") == 4_294_967_295)
    #expect(try QueryString("limit=%31").count("limit") == 1)
    #expect(try QueryString(nil).count("limit") == nil)
    #expect(try QueryString("x=1").count("limit") == nil)
  }
}
