import NIOCore
import HTTPTypes
import ChromaModel
import Testing

@testable import ChromaServer

@Suite struct WriteRoutesTests {
  @Test(
    "What is wrong with a batch is said in Chroma's words",
    arguments: [
      (
        #"{"ids":["a","b"],"embeddings":[[1,2]]}"#,
        "[400] InvalidArgumentError: Inconsistent number of IDs, embeddings, documents, URIs and metadatas"
      ),
      (
        #"{"ids":["a"],"embeddings":[[1,2]],"documents":[]}"#,
        "[400] InvalidArgumentError: Inconsistent number of IDs, embeddings, documents, URIs and metadatas"
      ),
      (
        #"{"ids":["a"],"embeddings":[[1,2]],"metadatas":[null,null]}"#,
        "[400] InvalidArgumentError: Inconsistent number of IDs, embeddings, documents, URIs and metadatas"
      ),
      (
        #"{"ids":["a"],"embeddings":[[]]}"#,
        "[400] InvalidArgumentError: Validation error: embeddings: Each embedding must have at least 1 dimension"
      ),
      (
        #"{"ids":["a"],"embeddings":[""]}"#,
        "[400] InvalidArgumentError: Validation error: embeddings: Each embedding must have at least 1 dimension"
      ),
      (
        #"{"ids":["a","b"],"embeddings":[[1,2],[1]]}"#,
        "[400] InvalidArgumentError: Inconsistent dimensions in provided embeddings"
      ),
      (
        #"{"ids":["a"],"embeddings":[[1,2,3]]}"#,
        "[400] InvalidArgumentError: Collection expecting embedding with dimension of 2, got 3"
      ),
      (
        #"{"ids":["a"],"embeddings":[[1e39,0]]}"#,
        "[400] InvalidArgumentError: Validation error: embeddings: Embeddings must not contain NaN or Infinity values"
      ),
      (
        #"{"ids":["a"],"embeddings":["!AAA"]}"#,
        "[400] InvalidArgumentError: Invalid base64 string: Invalid symbol 33, offset 0."
      ),
      (#"{"ids":["a"],"embeddings":["AAA"]}"#, "[400] InvalidArgumentError: Invalid base64 string: Invalid padding"),
      (
        #"{"ids":["a"],"embeddings":["AACA"]}"#,
        "[400] InvalidArgumentError: Invalid byte length: 3 bytes cannot be converted to f32 values (must be divisible by 4)"
      ),
      (
        #"{"ids":["a"],"embeddings":["AADAfw=="]}"#,
        "[400] InvalidArgumentError: Non-finite float value at embedding index 0: NaN"
      ),
      (
        #"{"ids":[""],"embeddings":[[1,2]]}"#,
        "[400] InvalidArgumentError: Empty ID, ID must have at least one character"
      ),
      (
        #"{"ids":["a"],"embeddings":[[1,2]],"metadatas":[{"":1}]}"#,
        "[400] InvalidArgumentError: Validation error: metadatas: Invalid metadata at index 0"
      ),
      (
        #"{"ids":["a"],"embeddings":[[1,2]],"metadatas":[{"$x":1}]}"#,
        "[400] InvalidArgumentError: Validation error: metadatas: Invalid metadata at index 0"
      ),
      (
        ##"{"ids":["a"],"embeddings":[[1,2]],"metadatas":[{"#x":1}]}"##,
        "[400] InvalidArgumentError: Validation error: metadatas: Invalid metadata at index 0"
      ),
      (
        #"{"ids":["a","b"],"embeddings":[[1,2],[1,2]],"metadatas":[{"x":1},{"s":{"indices":[2,1],"values":[1,1]}}]}"#,
        "[400] InvalidArgumentError: Validation error: metadatas: Invalid metadata at index 1"
      ),
      (
        #"{"ids":["a"],"embeddings":[[]],"metadatas":[{"":1}]}"#,
        "[400] InvalidArgumentError: Validation error: embeddings: Each embedding must have at least 1 dimension\nmetadatas: Invalid metadata at index 0"
      ),
      (
        #"{"ids":["a"],"embeddings":[[1,2]],"metadatas":[{"sv":{"indices":[1,2],"values":[1,1]}}]}"#,
        "[501] ChromaError: Unimplemented: Sparse vector is not supported for local chroma: sv"
      ),
      (
        #"{"ids":["a","b"],"embeddings":[[1,2,3]]}"#,
        "[400] InvalidArgumentError: Collection expecting embedding with dimension of 2, got 3"
      ),
    ])
  func complaints(body: String, expected: String) async throws {
    try await withServer { (server) async throws in
      let collection = try await server.collection()
      #expect(try await server.send(.post, collection + "/add", #"{"ids":["x"],"embeddings":[[1,0]]}"#).status == 201)
      for verb in ["add", "upsert"] {
        #expect(try await server.send(.post, "\(collection)/\(verb)", body).error() == expected, "\(verb)")
      }
      #expect(try await server.send(.get, collection + "/count").text == "1", "nothing of the batch is stored")
      let missing = "\(TestServer.database)/collections/00000000-0000-4000-8000-000000000000/add"
      #expect(
        try await server.send(.post, missing, body).error()
          == "[404] NotFoundError: Collection [00000000-0000-4000-8000-000000000000] does not exist.")
      let malformed = "\(TestServer.database)/collections/nope/add"
      #expect(
        try await server.send(.post, malformed, body).error()
          == "[400] InvalidArgumentError: Collection ID is not a valid UUIDv4")
    }
  }

  @Test(
    "JSON of the wrong shape is refused with its path",
    arguments: [
      ("add", #"{}"#, "missing field `ids`"),
      ("add", #"{"ids":["a"]}"#, "missing field `embeddings`"),
      ("add", #"{"ids":null,"embeddings":[]}"#, "ids: invalid type: null, expected a sequence"),
      ("add", #"{"ids":[1],"embeddings":[[1]]}"#, "ids[0]: invalid type: integer `1`, expected a string"),
      ("add", #"{"ids":["a"],"ids":["b"],"embeddings":[[1]]}"#, "duplicate field `ids`"),
      (
        "add", #"{"ids":["a"],"embeddings":null}"#,
        "embeddings: data did not match any variant of untagged enum EmbeddingsPayload"
      ),
      (
        "add", #"{"ids":["a"],"embeddings":[null]}"#,
        "embeddings: data did not match any variant of untagged enum EmbeddingsPayload"
      ),
      (
        "add", #"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"k":null}]}"#,
        "metadatas[0].k: data did not match any variant of untagged enum MetadataValue"
      ),
      (
        "add", #"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"k":[1,"x"]}]}"#,
        "metadatas[0].k: data did not match any variant of untagged enum MetadataValue"
      ),
      (
        "add", #"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"k":{"a":1}}]}"#,
        "metadatas[0].k: data did not match any variant of untagged enum MetadataValue"
      ),
      (
        "add", ##"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"k":{"indices":[1],"values":[1],"#type":"x"}}]}"##,
        "metadatas[0].k: data did not match any variant of untagged enum MetadataValue"
      ),
      (
        "add", #"{"ids":["a"],"embeddings":[[1]],"metadatas":[1]}"#,
        "metadatas[0]: invalid type: integer `1`, expected a map"
      ),
      (
        "add", #"{"ids":["a"],"embeddings":[[1]],"documents":[2]}"#,
        "documents[0]: invalid type: integer `2`, expected a string"
      ),
      ("upsert", #"{"ids":["a"]}"#, "missing field `embeddings`"),
      ("update", #"{}"#, "missing field `ids`"),
      ("add", #"[]"#, "invalid type: sequence, expected struct AddCollectionRecordsPayload"),
    ])
  func shapes(verb: String, body: String, reason: String) async throws {
    try await withServer { (server) async throws in
      let collection = try await server.collection()
      let expected = "[422] ChromaError: Failed to deserialize the JSON body into the target type: \(reason)"
      #expect(try await server.send(.post, "\(collection)/\(verb)", body).error() == expected)
    }
  }

  @Test(
    "Bytes that are not JSON are refused",
    arguments: [
      "", "{bad", "{\"ids\":[\"a\"],\"embeddings\":[[NaN]]}", "{\"ids\":[\"a\"],\"embeddings\":[[1e400]]}",
      "{\"ids\":[\"\\ud800\"],\"embeddings\":[[1]]}", "{\"ids\":[\"a\"],\"embeddings\":[[1]]} x", "\u{feff}{}",
      "{\"a\":01}",
      "{\"x\":" + String(repeating: "[", count: 100_000),
    ])
  func notJSON(body: String) async throws {
    try await withServer { (server) async throws in
      let collection = try await server.collection()
      let answer = try await server.send(.post, collection + "/add", body)
      #expect(answer.status == 400)
      #expect(try answer.error().contains("InvalidArgumentError: Failed to parse the request body as JSON: "))
    }
  }

  @Test("Bytes that are not UTF-8 are refused")
  func notUTF8() async throws {
    try await withServer { (server) async throws in
      let collection = try await server.collection()
      var body = ByteBuffer(string: #"{"ids":["a"#)
      body.writeBytes([0xff, 0xfe])
      body.writeString(#""],"embeddings":[[1]]}"#)
      #expect(try await server.send(.post, collection + "/add", bytes: body).status == 400)
    }
  }

  @Test("A user's key chroma:document becomes the document, chroma:uri the URI, and neither is shown")
  func reservedKeys() async throws {
    try await withServer { (server) async throws in
      let collection = try await server.collection()
      let body = """
        {"ids":["a","b"],"embeddings":[[1],[2]],"documents":[null,"own"],
         "metadatas":[{"chroma:document":"d","chroma:uri":"u","chroma:x":1},{"chroma:document":"lost","k":1}]}
        """
      #expect(try await server.send(.post, collection + "/add", body).status == 201)
      let answer = try await server.send(
        .post, collection + "/get", #"{"include":["documents","uris","metadatas"]}"#)
      #expect(
        try answer.json == [
          "ids": ["a", "b"], "embeddings": .null, "documents": ["d", "own"], "uris": ["u", .null],
          "metadatas": [.null, ["k": 1]], "include": ["documents", "uris", "metadatas"],
        ])
    }
  }

  @Test("An update leaves what is null and removes keys set to null")
  func update() async throws {
    try await withServer { (server) async throws in
      let collection = try await server.collection()
      _ = try await server.send(
        .post, collection + "/add",
        #"{"ids":["a"],"embeddings":[[1,2]],"documents":["d"],"metadatas":[{"k":1,"l":2.0}]}"#)
      let body = #"{"ids":["a"],"embeddings":[null],"documents":[null],"metadatas":[{"k":null,"m":true}]}"#
      #expect(try await server.send(.post, collection + "/update", body).text == "{}")
      let answer = try await server.send(
        .post, collection + "/get", #"{"include":["embeddings","documents","metadatas"]}"#)
      #expect(answer.text.contains(#""embeddings":[[1.0,2.0]],"documents":["d"]"#))
      #expect(try answer.json["metadatas"] == [["l": 2.0, "m": true]])
      #expect(try await server.send(.post, collection + "/update", #"{"ids":[]}"#).status == 200)
    }
  }

  @Test("Any Unicode id survives, with NUL, quotes and letters outside the first plane")
  func unicode() async throws {
    try await withServer { (server) async throws in
      let collection = try await server.collection()
      let id = "\0\"\\\n€😀\u{1}e\u{301}\u{2028}"
      let text = JSONValue.string(id).text
      let added = try await server.send(.post, collection + "/add", "{\"ids\":[\(text)],\"embeddings\":[[1]]}")
      #expect(added.status == 201)
      let answer = try await server.send(.post, collection + "/get", "{\"ids\":[\(text)],\"include\":[]}")
      #expect(try answer.json["ids"] == [.string(id)])
    }
  }
}
