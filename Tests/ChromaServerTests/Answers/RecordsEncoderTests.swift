import ChromaModel
import ChromaTestSupport
import Testing

@testable import ChromaServer

@Suite struct RecordsEncoderTests {
  private func text(_ encoder: RecordsEncoder, partSize: Int) -> (text: String, parts: Int) {
    var encoder = encoder
    var all: [UInt8] = []
    var parts = 0
    while true {
      var writer = JSONWriter()
      let isFinished = encoder.write(to: &writer, size: partSize)
      all += writer.bytes
      parts += 1
      if isFinished { return (String(decoding: all, as: UTF8.self), parts) }
    }
  }

  private func columns(_ generator: inout SeededGenerator, count: Int) -> RecordColumns {
    let slots = (0..<count).map { $0 % 3 == 1 ? -1 : 0 }
    return RecordColumns(
      ids: (0..<count).map { "id\($0)" },
      embeddings: EmbeddingBatch(dimension: 2, values: [1.5, -0.25], slots: slots),
      documents: (0..<count).map { $0 % 2 == 0 ? "doc \($0)" : nil }, uris: Array(repeating: nil, count: count),
      metadatas: (0..<count).map { index in
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: nil
        case 1: [:]
        default: ["k": .int(Int64(index)), "chroma:x": .bool(true)]
        }
      })
  }

  @Test("An answer in parts is the answer in one piece, whatever the size of the parts", arguments: 0..<60)
  func parts(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let groups = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
      columns(&generator, count: Int.random(in: 0...6, using: &generator))
    }
    let include = Include.allCases.filter { _ in Bool.random(using: &generator) }
    let result = QueryResult(
      records: groups, distances: groups.map { $0.ids.indices.map { Float($0) } }, include: include)
    let encoder = RecordsEncoder(result)
    let (whole, count) = text(encoder, partSize: .max)
    #expect(count == 1)
    for size in [1, 7, 40, 200] { #expect(text(encoder, partSize: size).text == whole, "seed \(seed) size \(size)") }
    let json = try JSONValue(parsing: whole)
    #expect(json["ids"] == .array(groups.map { .array($0.ids.map(JSONValue.string)) }), "seed \(seed)")
    #expect((json["documents"] == .null) == !include.contains(.documents), "seed \(seed)")
    if let first = groups.first {
      let got = RecordsEncoder(GetResult(records: first, include: include))
      let (flat, _) = text(got, partSize: .max)
      #expect(text(got, partSize: 1).text == flat, "seed \(seed)")
      #expect(try JSONValue(parsing: flat)["ids"] == .array(first.ids.map(JSONValue.string)), "seed \(seed)")
    }
  }

  @Test("Columns the database left out are null for each record")
  func missingColumns() {
    let result = GetResult(
      records: RecordColumns(ids: ["a", "b"]), include: [.documents, .embeddings, .metadatas, .uris])
    #expect(
      text(RecordsEncoder(result), partSize: .max).text
        == #"{"ids":["a","b"],"embeddings":[null,null],"documents":[null,null],"uris":[null,null],"metadatas":[null,null],"include":["documents","embeddings","metadatas","uris"]}"#
    )
  }

  @Test("Distances that are not finite are null")
  func infiniteDistances() {
    let result = QueryResult(
      records: [RecordColumns(ids: ["a", "b"])], distances: [[.infinity, 0.1]], include: [.distances])
    #expect(text(RecordsEncoder(result), partSize: .max).text.contains(#""distances":[[null,0.1]]"#))
  }
}
