import ChromaModel
import ChromaTestSupport
import Foundation
import NIOCore
import Testing

@testable import ChromaClient

@Suite("Records on the wire")
struct RecordBatchJSONTests {
  private func text(_ batch: RecordBatch, base64: Bool = false) throws -> String {
    String(buffer: try batch.json(base64: base64))
  }

  @Test("A column that is not there is left out, a value that is not there is null")
  func columns() throws {
    #expect(try text(RecordBatch(ids: [])) == #"{"ids":[]}"#)
    let batch = RecordBatch(
      ids: ["a\"", "b"], embeddings: EmbeddingBatch(dimension: 2, values: [1, -0.5], slots: [-1, 0]),
      documents: [nil, "é\n"], uris: ["u", nil], metadatas: [nil, ["k": .some(.float(2))]])
    let wanted =
      #"{"ids":["a\"","b"],"embeddings":[null,[1.0,-0.5]],"documents":[null,"é\n"],"uris":["u",null],"#
      + #""metadatas":[null,{"k":2.0}]}"#
    #expect(try text(batch) == wanted)
    #expect(
      try text(RecordBatch(ids: ["a"], metadatas: [["k": nil]])) == #"{"ids":["a"],"metadatas":[{"k":null}]}"#)
  }

  @Test("Base64 is that of Foundation, for every length")
  func base64() throws {
    var generator = SeededGenerator(seed: 3)
    for dimension in 1...17 {
      let vector = (0..<dimension).map { _ in generator.nextGaussian() }
      let bytes = vector.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
      let json = try JSONValue(
        parsing: try text(RecordBatch(ids: ["a"], embeddings: EmbeddingBatch([vector])), base64: true))
      #expect(json["embeddings"] == .array([.string(Data(bytes).base64EncodedString())]), "\(dimension), seed 3")
    }
  }

  @Test("Numbers that are none are refused before anything is sent")
  func finite() {
    for batch in [
      RecordBatch(ids: ["a"], embeddings: EmbeddingBatch([[.nan]])),
      RecordBatch(ids: ["a"], embeddings: EmbeddingBatch([[-.infinity]])),
      RecordBatch(ids: ["a"], metadatas: [["k": .some(.floats([.nan]))]]),
    ] {
      #expect(throws: ChromaError.self) { try batch.json(base64: true) }
    }
  }

  @Test("A question to be explained says so")
  func explained() throws {
    let request = QueryRequest(embeddings: EmbeddingBatch([[1]]), include: [], explain: true)
    #expect(
      String(buffer: try request.json())
        == #"{"query_embeddings":[[1.0]],"n_results":10,"include":[],"explain":true}"#)
  }

  @Test("A question may be infinite, as a number too large, but not NaN")
  func questions() throws {
    let request = QueryRequest(
      embeddings: EmbeddingBatch([[.infinity, -.infinity, 0.1]]), nResults: 3,
      filter: RecordFilter(ids: ["a"], predicate: .key("k") == "v"), include: [.distances])
    #expect(
      String(buffer: try request.json())
        == #"{"query_embeddings":[[1e39,-1e39,0.1]],"ids":["a"],"where":{"k":{"$eq":"v"}},"n_results":3,"include":["distances"]}"#
    )
    #expect(throws: ChromaError.self) { try QueryRequest(embeddings: EmbeddingBatch([[.nan]])).json() }
  }

  @Test("A deletion of no ids names nothing, as the wire understands it")
  func deletions() throws {
    #expect(String(buffer: try DeleteRequest(filter: RecordFilter(ids: [])).json()) == "{}")
    #expect(
      String(buffer: try DeleteRequest(filter: RecordFilter(ids: [], predicate: .key("k") == 1), limit: 2).json())
        == #"{"ids":[],"where":{"k":{"$eq":1}},"limit":2}"#)
  }
}
