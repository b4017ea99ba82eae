import HTTPTypes
import ChromaModel
import ChromaTestSupport
import Testing

@testable import ChromaServer

@Suite struct ReadRoutesTests {
  private func filled(_ server: TestServer) async throws -> String {
    let collection = try await server.collection()
    let body = """
      {"ids":["a","b","c"],"embeddings":["AACAPwAAAAA=","AAAAAAAAgD8=","AAAAQAAAAEA="],
       "documents":["da",null,"dc"],"metadatas":[{"f":2.0,"i":1},null,{"b":false,"l":["x","y"]}]}
      """
    #expect(try await server.send(.post, collection + "/add", body).status == 201)
    return collection
  }

  @Test("A get answers with the columns asked for, the others null")
  func get() async throws {
    try await withServer { (server) async throws in
      let collection = try await filled(server)
      let standard = try await server.send(.post, collection + "/get", "{}")
      #expect(
        try standard.json == [
          "ids": ["a", "b", "c"], "embeddings": .null, "documents": ["da", .null, "dc"], "uris": .null,
          "metadatas": [["f": 2.0, "i": 1], .null, ["b": false, "l": ["x", "y"]]],
          "include": ["documents", "metadatas"],
        ])
      #expect(standard.text.contains(#""f":2.0"#) && standard.text.contains(#""i":1"#))
      let page = try await server.send(
        .post, collection + "/get", #"{"limit":1,"offset":1,"include":["embeddings","embeddings","distances"]}"#)
      #expect(
        page.text
          == #"{"ids":["b"],"embeddings":[[0.0,1.0]],"documents":null,"uris":null,"metadatas":null,"include":["embeddings","embeddings","distances"]}"#
      )
      let none = try await server.send(.post, collection + "/get", #"{"ids":[]}"#)
      #expect(try none.json["documents"] == [])
      let empty = try await server.send(.post, collection + "/get", #"{"where":{},"where_document":{},"include":[]}"#)
      #expect(try empty.json["ids"] == ["a", "b", "c"])
    }
  }

  @Test("A query answers with a list for each vector")
  func query() async throws {
    try await withServer { (server) async throws in
      let collection = try await filled(server)
      let answer = try await server.send(
        .post, collection + "/query", #"{"query_embeddings":[[1,0],[2,2]],"n_results":1}"#)
      #expect(
        try answer.json == [
          "ids": [["a"], ["c"]], "embeddings": .null, "documents": [["da"], ["dc"]], "uris": .null,
          "metadatas": [[["f": 2.0, "i": 1]], [["b": false, "l": ["x", "y"]]]], "distances": [[0.0], [0.0]],
          "include": ["documents", "metadatas", "distances"],
        ])
      let zero = try await server.send(.post, collection + "/query", #"{"query_embeddings":[[1,0]],"n_results":0}"#)
      #expect(try zero.json["ids"] == [[]])
      let nothing = try await server.send(.post, collection + "/query", #"{"query_embeddings":[]}"#)
      #expect(try nothing.json["ids"] == [])
      let overflow = try await server.send(
        .post, collection + "/query", #"{"query_embeddings":[[1e39,0]],"n_results":1,"include":["distances"]}"#)
      #expect(try overflow.json["distances"] == [[.null]])
      let huge = try await server.send(
        .post, collection + "/query", #"{"query_embeddings":[[1,0]],"n_results":4294967295,"include":[]}"#)
      #expect(try huge.json["ids"] == [["a", "b", "c"]])
    }
  }

  @Test("A query that is to be explained says how it was answered; others do not")
  func explain() async throws {
    try await withServer { (server) async throws in
      let collection = try await filled(server)
      let path = collection + "/query"
      let plain = #"{"query_embeddings":[[1,0]],"include":[]"#
      for asked in ["}", #","explain":false}"#, #","explain":null}"#] {
        #expect(try await server.send(.post, path, plain + asked).json["explain"] == nil)
      }
      let answer = try await server.send(.post, path, plain + #","explain":true,"where":{"i":1}}"#)
      #expect(
        try answer.json["explain"] == [
          "plan": "scan", "rows": 3, "matching": 1, "linked": 0, "ef": 0, "filter_microseconds": 0,
          "search_microseconds": 0, "questions": [["visited": 0, "distances": 1, "scanned": false]],
        ])
      #expect(try await server.send(.post, path, plain + #","explain":1}"#).status == 422)
    }
  }

  @Test(
    "Vectors that fit no collection are refused by the dimension, or answered with nothing while there is none",
    arguments: [("[[]]", 0), ("[[1,0],[1]]", 1), ("[[1,2,3]]", 3), ("[[1,2,3],[1]]", 3)])
  func ragged(vectors: String, length: Int) async throws {
    try await withServer { (server) async throws in
      let collection = try await filled(server)
      #expect(
        try await server.send(.post, collection + "/query", "{\"query_embeddings\":\(vectors)}").error()
          == "[400] InvalidArgumentError: Collection expecting embedding with dimension of 2, got \(length)")
      let empty = try await server.collection("empty")
      let answer = try await server.send(.post, empty + "/query", "{\"query_embeddings\":\(vectors)}")
      #expect(answer.status == 200)
      guard case .array(let lists)? = try answer.json["ids"] else {
        Issue.record("no ids: \(answer.text)")
        return
      }
      #expect(lists.allSatisfy { $0 == [] })
    }
  }

  @Test(
    "Fields of the wrong type are refused",
    arguments: [
      ("get", #"{"include":null}"#, "include: invalid type: null, expected a sequence"),
      (
        "get", #"{"include":["data"]}"#,
        "include[0]: unknown variant `data`, expected one of `distances`, `documents`, `embeddings`, `metadatas`, `uris`"
      ),
      ("get", #"{"limit":-1}"#, "limit: invalid value: integer `-1`, expected u32"),
      ("get", #"{"limit":4294967296}"#, "limit: invalid value: integer `4294967296`, expected u32"),
      ("get", #"{"offset":1.0}"#, "offset: invalid type: floating point `1.0`, expected u32"),
      ("get", #"{"ids":["a",null]}"#, "ids[1]: invalid type: null, expected a string"),
      ("query", #"{}"#, "missing field `query_embeddings`"),
      (
        "query", #"{"query_embeddings":["AAAAPwAAgD4="]}"#,
        "query_embeddings[0]: invalid type: string \"AAAAPwAAgD4=\", expected a sequence"
      ),
      ("query", #"{"query_embeddings":[[1,"x"]]}"#, "query_embeddings[0][1]: invalid type: string \"x\", expected f32"),
      ("query", #"{"query_embeddings":[[1]],"n_results":-1}"#, "n_results: invalid value: integer `-1`, expected u32"),
      ("delete", #"{"limit":"x"}"#, "limit: invalid type: string \"x\", expected u32"),
    ])
  func shapes(verb: String, body: String, reason: String) async throws {
    try await withServer { (server) async throws in
      let collection = try await filled(server)
      let expected = "[422] ChromaError: Failed to deserialize the JSON body into the target type: \(reason)"
      #expect(try await server.send(.post, "\(collection)/\(verb)", body).error() == expected)
    }
  }

  @Test(
    "Filters that do not parse are refused, but only of a collection that exists",
    arguments: [
      ("get", #"{"where":{"k":{"$in":[1,1.5]}}}"#, "Invalid where clause"),
      ("get", #"{"where_document":{"$foo":"x"}}"#, "Invalid where document clause"),
      ("query", #"{"query_embeddings":[[1,0]],"where":{"a":1,"b":2}}"#, "Invalid where clause"),
      ("delete", #"{"where":[]}"#, "Invalid where clause"),
      ("delete", #"{"ids":[]}"#, "Validation error: ids, where: Either ids or where must be specified"),
      (
        "delete", #"{"ids":["a"],"limit":1}"#,
        "Validation error: limit, where: limit can only be specified when a where clause is provided"
      ),
      (
        "delete", #"{"limit":1,"where":{}}"#,
        "Validation error: limit, where: limit can only be specified when a where clause is provided"
      ),
    ])
  func filters(verb: String, body: String, message: String) async throws {
    try await withServer { (server) async throws in
      let collection = try await filled(server)
      #expect(
        try await server.send(.post, "\(collection)/\(verb)", body).error() == "[400] InvalidArgumentError: \(message)")
      let missing = "\(TestServer.database)/collections/00000000-0000-4000-8000-000000000000/\(verb)"
      #expect(try await server.send(.post, missing, body).status == 404)
    }
  }

  @Test(
    "A delete says how many went",
    arguments: [
      ("{}", 0, 3), (#"{"ids":null,"where":{}}"#, 0, 3), (#"{"ids":["a","nope","a"]}"#, 3, 2),
      (#"{"where":{"i":1}}"#, 1, 2), (#"{"where":{"i":{"$ne":7}},"limit":2}"#, 2, 1),
      (#"{"where":{"i":{"$ne":7}},"limit":0}"#, 0, 3),
    ])
  func delete(body: String, deleted: Int, left: Int) async throws {
    try await withServer { (server) async throws in
      let collection = try await filled(server)
      let answer = try await server.send(.post, collection + "/delete", body)
      #expect(answer.text == "{\"deleted\":\(deleted)}")
      #expect(try await server.send(.get, collection + "/count").text == "\(left)")
    }
  }

  @Test("Count takes the read levels Chroma knows")
  func count() async throws {
    try await withServer { (server) async throws in
      let collection = try await filled(server)
      for level in ["index_and_wal", "index_only", "index_and_bounded_wal"] {
        #expect(try await server.send(.get, "\(collection)/count?read_level=\(level)").text == "3")
      }
      #expect(try await server.send(.get, collection + "/count?read_level=all").status == 400)
    }
  }
}
