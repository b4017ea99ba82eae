import ChromaModel
import Testing

@testable import ChromaClient

@Suite("Answers from the wire")
struct RecordColumnsJSONTests {
  private func get(_ text: String) throws -> GetResult {
    try HTTPAnswer(status: 200, body: Array(text.utf8)).json { (cursor) throws(JSONError) in
      try GetResult(from: &cursor)
    }
  }

  private func query(_ text: String) throws -> QueryResult {
    try HTTPAnswer(status: 200, body: Array(text.utf8)).json { (cursor) throws(JSONError) in
      try QueryResult(from: &cursor)
    }
  }

  @Test("Columns in any order, with white space, nulls and members of other versions")
  func columns() throws {
    let result = try get(
      #"""
       { "other": {"x": [1, {}]}, "metadatas": [ {"n": 1, "f": 1.0, "l": ["a"]} , null, {} ],
         "embeddings" : [ [ 1, -0.5 ] , null, [1e-7,2.0] ], "include": ["documents", "later"],
         "documents":["x",null,""], "ids": [ "a", "b", "c" ], "data": null, "uris": null }
      """#)
    #expect(result.include == [.documents])
    #expect(result.records.ids == ["a", "b", "c"])
    #expect(result.records.documents == ["x", nil, ""])
    #expect(result.records.uris == nil)
    #expect(result.records.metadatas == [["n": .int(1), "f": .float(1), "l": .strings(["a"])], nil, nil])
    #expect(
      result.records.embeddings == EmbeddingBatch(dimension: 2, values: [1, -0.5, 1e-7, 2], slots: [0, -1, 1]))
    let rows = result.records.rows
    #expect(rows[1] == Record(id: "b"))
    #expect(rows[2].embedding == [1e-7, 2])
  }

  @Test("A list for each question, and distances that overflowed")
  func questions() throws {
    let result = try query(
      #"{"ids":[["a","b"],[]],"embeddings":null,"documents":[["x",null],[]],"uris":null,"metadatas":null,"#
        + #""distances":[[0.5,null],[]],"include":["documents","distances"]}"#)
    #expect(result.records == [RecordColumns(ids: ["a", "b"], documents: ["x", nil]), RecordColumns(documents: [])])
    #expect(result.distances == [[0.5, .infinity], []])
    #expect(try query(#"{"ids":[],"distances":[]}"#).records == [])
  }

  @Test("What an answer says of itself is read back")
  func explanation() throws {
    let explanation = QueryExplanation(
      plan: .graph, rows: 9, matching: 8, linked: 7, ef: 100, filterMicroseconds: 1, searchMicroseconds: 2,
      questions: [.init(visited: 3, distances: 4, scanned: true)])
    var writer = JSONWriter()
    writer.write(explanation.json)
    let text = String(decoding: writer.bytes, as: UTF8.self)
    #expect(try query(#"{"ids":[[]],"explain":"# + text + "}").explanation == explanation)
    #expect(try query(#"{"ids":[[]],"explain":{"plan":"other"}}"#).explanation == nil)
  }

  @Test("A number that overflowed in the index is none")
  func overflow() throws {
    let vectors = try get(#"{"ids":["a"],"embeddings":[[null,1]]}"#).records.embeddings
    #expect(vectors?.values.first?.isNaN == true)
    #expect(vectors?.values.last == 1)
  }

  @Test(
    "What does not fit together is refused",
    arguments: [
      #"{"ids":["a"],"documents":["x","y"]}"#, #"{"ids":["a"],"embeddings":[]}"#,
      #"{"ids":["a","b"],"embeddings":[[1],[1,2]]}"#,
      #"{"ids":["a"],"metadatas":[{"k":{"x":1}}]}"#, #"{"ids":["a"],"embeddings":[["1"]]}"#, #"{"ids":[1]}"#, "[]", "",
      #"{"ids":["a"]} x"#, #"{"ids":["a"],"embeddings":[[]]}"#,
    ])
  func unfit(text: String) {
    #expect(throws: JSONError.self) { try get(text) }
  }

  @Test("Distances belong to ids")
  func distances() {
    for text in [
      #"{"ids":[["a"]],"distances":[[1,2]]}"#, #"{"ids":[["a"]],"distances":[]}"#,
      #"{"ids":[["a"]],"documents":[["x","y"]]}"#,
    ] {
      #expect(throws: JSONError.self) { try query(text) }
    }
  }
}
