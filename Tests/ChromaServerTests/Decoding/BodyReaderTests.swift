import ChromaModel
import ChromaTestSupport
import Testing

@testable import ChromaServer

@Suite struct BodyReaderTests {
  @Test("The place of a mistake is given as line and column")
  func place() {
    let error = #expect(throws: ChromaError.self) {
      try decoding("{\n  \"name\": tru\n}") { (reader) throws(ChromaError) in
        try NamedBody("X", field: "name", from: &reader)
      }
    }
    #expect(error?.code == .malformedJSON)
    #expect(error?.message.hasSuffix("at line 2 column 10") == true, "\(error?.message ?? "")")
  }

  @Test("Of mistakes in form and in shape the first in the text counts")
  func firstMistake() {
    let shapeFirst = #expect(throws: ChromaError.self) {
      try decoding("{\"name\":1,]") { (reader) throws(ChromaError) in
        try NamedBody("X", field: "name", from: &reader)
      }
    }
    #expect(shapeFirst?.code == .unprocessable)
    let formFirst = #expect(throws: ChromaError.self) {
      try decoding("{],\"name\":1}") { (reader) throws(ChromaError) in
        try NamedBody("X", field: "name", from: &reader)
      }
    }
    #expect(formFirst?.code == .malformedJSON)
  }

  @Test("Whatever the bytes, reading ends with a value or a typed error", arguments: 0..<3000)
  func mutations(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    let originals = [
      #"{"ids":["a","\u00e9\ud83d\ude00"],"embeddings":[[1.5,-2e-3],[0,7]],"documents":["x",null],"metadatas":[{"k":2.0,"l":[1,2],"s":{"indices":[1,2],"values":[0.5,1]}},null]}"#,
      #"{"ids":["a"],"embeddings":["AACAPwAAAAA="],"uris":[null],"metadatas":[{"chroma:document":"d"}]}"#,
      #"{"query_embeddings":[[1,2]],"n_results":4294967295,"where":{"$and":[{"k":{"$in":[1,2]}}]},"include":["distances"]}"#,
      #"{"ids":null,"where":{"k":"v"},"where_document":{"$contains":"x"},"limit":10,"offset":0,"include":[]}"#,
    ]
    var bytes = Array(originals[Int.random(in: 0..<originals.count, using: &generator)].utf8)
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
      case 1 where bytes.count > 2: bytes.removeSubrange(index...)
      case 2: bytes.insert(contentsOf: Array("[{\"]},:0-9e\\".utf8), at: index)
      case 3 where bytes.count > 2: bytes.remove(at: index)
      default: bytes.insert(contentsOf: bytes[index...].prefix(20), at: index)
      }
      if bytes.isEmpty { bytes = [0x20] }
    }
    let padded = bytes + [UInt8](repeating: 0, count: JSONCursor.slack)
    padded.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      func attempt(_ read: (inout BodyReader) throws(ChromaError) -> Void) {
        var reader = BodyReader(base, count: bytes.count)
        do {
          try read(&reader)
          try reader.end()
        } catch {
          #expect([400, 422].contains(error.code.httpStatus), "seed \(seed)")
        }
      }
      attempt { (reader) throws(ChromaError) in _ = try WriteRequest(.add, from: &reader) }
      attempt { (reader) throws(ChromaError) in _ = try WriteRequest(.update, from: &reader) }
      attempt { (reader) throws(ChromaError) in _ = try QueryBody(from: &reader).request(within: RequestLimits()) }
      attempt { (reader) throws(ChromaError) in _ = try GetBody(from: &reader).request(within: RequestLimits()) }
      attempt { (reader) throws(ChromaError) in _ = try DeleteBody(from: &reader).request(within: RequestLimits()) }
      attempt { (reader) throws(ChromaError) in _ = try CreateCollectionRequest(from: &reader) }
    }
  }
}
