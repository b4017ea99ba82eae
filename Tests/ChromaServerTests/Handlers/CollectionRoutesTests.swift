import HTTPTypes
import ChromaModel
import ChromaTestSupport
import Testing

@testable import ChromaServer

@Suite struct CollectionRoutesTests {
  private let collections = TestServer.database + "/collections"

  @Test("A new collection shows all its members")
  func create() async throws {
    try await withServer { (server) async throws in
      let answer = try await server.send(.post, collections, #"{"name":"col1"}"#)
      #expect(answer.status == 200)
      guard case .object(let members) = try answer.json else {
        Issue.record("no object: \(answer.text)")
        return
      }
      #expect(
        Set(members.keys) == [
          "id", "name", "configuration_json", "schema", "metadata", "dimension", "tenant", "database", "log_position",
          "version",
        ])
      #expect(members["metadata"] == .null)
      #expect(members["dimension"] == .null)
      #expect(members["version"] == 0)
      #expect(members["configuration_json"]?["hnsw"]?["resize_factor"] == 1.2)
      #expect(try await server.send(.get, collections + "/col1").json == answer.json)
      guard case .string(let id)? = members["id"] else { return }
      #expect(try await server.send(.get, collections + "/by-id/" + id).json == answer.json)
      #expect(try await server.send(.get, collections + "/" + id).status == 404, "an id is no name")
      #expect(
        try await server.send(.get, "/api/v2/collections/default_tenant:default_database:col1").json == answer.json)
    }
  }

  @Test(
    "What is wrong with a collection is said in Chroma's words",
    arguments: [
      (#"{}"#, 422, "missing field `name`"), (#"{bad"#, 400, "Failed to parse the request body as JSON: "),
      (#"{"name":"a..b"}"#, 400, "two consecutive periods"),
      (#"{"name":"x"}"#, 400, "Validation error: name: Expected"),
      (#"{"name":"abc","metadata":{}}"#, 400, "Validation error: metadata: Metadata cannot be empty"),
      (#"{"name":"abc","metadata":{"k":null}}"#, 422, "metadata.k: data did not match any variant"),
      (#"{"name":"abc","metadata":{"k":[1]}}"#, 400, "Validation error: metadata: "),
      (#"{"name":"abc","metadata":{"k":{"indices":[1],"values":[1]}}}"#, 400, "Validation error: metadata: "),
      (#"{"name":"abc","get_or_create":null}"#, 422, "get_or_create: invalid type: null, expected a boolean"),
      (#"{"name":"abc","configuration":{"hnsw":{"space":"L2"}}}"#, 422, "unknown variant `L2`"),
      (#"{"name":"abc","configuration":{"hnsw":{"x":1}}}"#, 422, "unknown field `x`"),
      (#"{"name":"abc","configuration":{"hnsw":{},"spann":{}}}"#, 400, "Multiple vector index configurations provided"),
      (#"{"name":"abc","schema":{}}"#, 422, "missing field `defaults`"),
      (#"{"name":"abc","name":"abd"}"#, 422, "duplicate field `name`"),
    ])
  func createErrors(body: String, status: Int, part: String) async throws {
    try await withServer { (server) async throws in
      let answer = try await server.send(.post, collections, body)
      #expect(answer.status == status)
      #expect(try answer.error().contains(part))
    }
  }

  @Test("Collections are listed by id, counted, changed and deleted")
  func lifecycle() async throws {
    try await withServer { (server) async throws in
      for name in ["one", "two", "three"] { _ = try await server.collection(name) }
      guard case .array(let all) = try await server.send(.get, collections).json else { return }
      let ids = all.compactMap { if case .string(let id)? = $0["id"] { id } else { nil } }
      #expect(ids.count == 3 && ids == ids.sorted())
      #expect(try await server.send(.get, collections + "?limit=1&offset=1").json == .array([all[1]]))
      #expect(try await server.send(.get, collections + "?limit=0").json == [])
      #expect(try await server.send(.get, collections + "?limit=4294967295&offset=4294967295").json == [])
      #expect(try await server.send(.get, TestServer.database + "/collections_count").text == "3")
      #expect(try await server.send(.post, collections, #"{"name":"one"}"#).status == 409)
      #expect(try await server.send(.post, collections, #"{"name":"one","get_or_create":true}"#).status == 200)
      let path = "\(collections)/\(ids[0])"
      let change = #"{"new_name":"four","new_metadata":{"c":2.5,"d":null}}"#
      #expect(try await server.send(.put, path, change).text == "{}")
      let changed = try await server.send(.get, collections + "/four").json
      #expect(changed["metadata"] == ["c": 2.5])
      #expect(try await server.send(.put, path, "{}").text == "{}")
      #expect(
        try await server.send(.put, collections + "/nope", "{}").error()
          == "[400] InvalidArgumentError: Collection ID is not a valid UUIDv4")
      #expect(try await server.send(.delete, collections + "/four").text == "{}")
      #expect(
        try await server.send(.delete, collections + "/four").error()
          == "[404] NotFoundError: Collection [four] does not exist")
    }
  }

  @Test("Ids are taken in every spelling of a UUID")
  func spellings() async throws {
    try await withServer { (server) async throws in
      let path = try await server.collection()
      let id = String(path.suffix(36))
      for spelling in [
        id.uppercased(), id.filter { $0 != "-" }, "%7B\(id)%7D", "urn:uuid:\(id)",
      ] {
        #expect(try await server.send(.get, "\(collections)/\(spelling)/count").text == "0", "\(spelling)")
      }
    }
  }

  @Test("A short database name in a path is refused, except where one is deleted")
  func shortDatabase() async throws {
    try await withServer { (server) async throws in
      let expected = "[400] InvalidArgumentError: database name must be at least 3 characters"
      let path = "/api/v2/tenants/default_tenant/databases/ab"
      #expect(try await server.send(.get, path).error() == expected)
      #expect(try await server.send(.get, path + "/collections").error() == expected)
      #expect(try await server.send(.delete, path).status == 404)
    }
  }

  @Test("What a single node refuses is refused in its words")
  func unsupported() async throws {
    try await withServer { (server) async throws in
      let path = try await server.collection()
      let refusals = [
        ("POST", "/fork", "[501] ChromaError: Collection forking is unsupported for local chroma"),
        ("GET", "/fork_count", "[501] ChromaError: Count forks is unsupported for local chroma"),
        (
          "POST", "/search",
          "[501] ChromaError: Error executing plan: Not implemented: Search operation is not implemented for local executor"
        ),
        ("GET", "/functions/x", "[404] NotFoundError: Attached function not found"),
      ]
      for (method, route, expected) in refusals {
        let answer = try await server.send(method == "GET" ? .get : .post, path + route, method == "GET" ? nil : "{}")
        #expect(try answer.error() == expected)
      }
      #expect(try await server.send(.post, path + "/functions/attach", "{}").status == 501)
      #expect(try await server.send(.post, path + "/attached_functions/x/detach", "{}").status == 501)
    }
  }

  @Test("A CRN has three parts")
  func crn() async throws {
    try await withServer { (server) async throws in
      for crn in ["a", "a:b", "a::c", "a:b:c:d", ":::"] {
        let answer = try await server.send(.get, "/api/v2/collections/\(crn)")
        #expect(
          try answer.error().hasPrefix("[400] InvalidArgumentError: Validation error: crn: CRN must be"), "\(crn)")
      }
      #expect(try await server.send(.get, "/api/v2/collections/a:bcd:c").status == 404)
    }
  }
}
