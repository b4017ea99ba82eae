import ChromaModel
import Testing

@testable import ChromaClient

@Suite struct RecordBatchPartsTests {
  @Test("A part has its rows of every column")
  func part() {
    let batch = RecordBatch(
      ids: ["a", "b", "c"], embeddings: EmbeddingBatch(dimension: 2, values: [1, 2, 3, 4], slots: [1, -1, 0]),
      documents: ["x", nil, "z"], metadatas: [nil, ["k": .some(.int(1))], nil])
    let part = batch.part(1..<3)
    #expect(part.ids == ["b", "c"])
    #expect(part.embeddings == EmbeddingBatch(dimension: 2, values: [1, 2], slots: [-1, 0]))
    #expect(part.documents == [nil, "z"])
    #expect(part.metadatas == [["k": .some(.int(1))], nil])
    #expect(part.uris == nil)
  }

  @Test("Runs are no longer than the limit and no heavier than the weight, and leave nothing out")
  func ranges() {
    let batch = RecordBatch(
      ids: (0..<10).map { "\($0)" }, documents: (0..<10).map { String(repeating: "x", count: $0 == 4 ? 5000 : 67) })
    #expect(batch.ranges(ofRecords: 4, bytes: .max) == [0..<4, 4..<8, 8..<10])
    #expect(batch.ranges(ofRecords: 100, bytes: .max) == [0..<10])
    #expect(batch.ranges(ofRecords: 100, bytes: 300) == [0..<3, 3..<4, 4..<5, 5..<8, 8..<10])
    #expect(batch.ranges(ofRecords: 1, bytes: 1) == (0..<10).map { $0..<$0 + 1 })
    #expect(RecordBatch(ids: []).ranges(ofRecords: 4, bytes: 10) == [])
  }
}
