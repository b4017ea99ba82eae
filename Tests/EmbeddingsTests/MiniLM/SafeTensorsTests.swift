import ChromaTestSupport
import Foundation
import Testing

@testable import Embeddings

@Suite("Weights in a safetensors file")
struct SafeTensorsTests {
  private let temporary: TemporaryDirectory
  private var path: String { temporary.path + "/model.safetensors" }

  init() throws { temporary = try TemporaryDirectory() }

  private func write(header: String, length: UInt64? = nil, data: [UInt8] = []) throws {
    var bytes = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) }
    bytes += Array(header.utf8) + data
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  private static let valid = #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"__metadata__":{"k":"v"}}   "#
  private static let data: [UInt8] = [0, 0, 128, 63, 0, 0, 0, 192]

  @Test("Numbers are read as they stand")
  func reads() throws {
    try write(header: Self.valid, data: Self.data)
    let file = try SafeTensors(path: path)
    let floats = try file.floats("a", shape: [2, 1])
    #expect(floats[0] == 1 && floats[1] == -2)
    #expect(throws: EmbeddingError.malformed(path: path, reason: "it has no array b")) {
      try file.floats("b", shape: [2, 1])
    }
    #expect(throws: EmbeddingError.malformed(path: path, reason: "a has not the shape [1, 2]")) {
      try file.floats("a", shape: [1, 2])
    }
  }

  @Test(
    "A header that lies about its arrays is refused",
    arguments: [
      #"{"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,9]}}"#,
      #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]}}"#,
      #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[-8,0]}}"#,
      #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[8,0]}}"#,
      #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[9223372036854775800,9223372036854775807]}}"#,
      #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[-9223372036854775808,9223372036854775807]}}"#,
      #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0.0,8.0]}}"#,
      #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0]}}"#,
      #"{"a":{"dtype":"F32","shape":[2,1]}}"#,
      #"{"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}"#,
      #"{"a":[]}"#,
    ])
  func lies(header: String) throws {
    try write(header: header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8), data: Self.data)
    let file = try SafeTensors(path: path)
    #expect(throws: EmbeddingError.self) { try file.floats("a", shape: [2, 1]) }
  }

  @Test("An array that is not on a border of four bytes is refused")
  func alignment() throws {
    try write(header: Self.valid.trimmingCharacters(in: .whitespaces) + " ", data: Self.data)
    let file = try SafeTensors(path: path)
    #expect(throws: EmbeddingError.self) { try file.floats("a", shape: [2, 1]) }
  }

  @Test(
    "A file whose header is no header is refused",
    arguments: ["", "{", "[]", "null", "{\"a\":}", "\u{0}\u{0}", String(repeating: "[", count: 5000)])
  func noHeader(header: String) throws {
    try write(header: header, data: Self.data)
    #expect(throws: EmbeddingError.self) { try SafeTensors(path: path) }
  }

  @Test("A length beyond the file, or beyond any header, is refused", arguments: [89, 1 << 21, 1 << 62, UInt64.max])
  func lengths(length: UInt64) throws {
    try write(header: "{}", length: length, data: Self.data)
    #expect(throws: EmbeddingError.malformed(path: path, reason: "a header of \(length) bytes in a file of 18")) {
      try SafeTensors(path: path)
    }
  }

  @Test("No file, a directory and a file of eight bytes are refused")
  func noFile() throws {
    #expect(throws: EmbeddingError.unreadable(path: path, reason: "No such file or directory")) {
      try SafeTensors(path: path)
    }
    #expect(throws: EmbeddingError.self) { try SafeTensors(path: temporary.path) }
    try Data(repeating: 0, count: 8).write(to: URL(fileURLWithPath: path))
    #expect(throws: EmbeddingError.self) { try SafeTensors(path: path) }
  }

  @Test("A file cut anywhere or with any bit of its header flipped gives numbers or an error, never a trap")
  func damage() throws {
    try write(header: Self.valid, data: Self.data)
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    func read(_ bytes: [UInt8]) throws -> Bool {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      guard let file = try? SafeTensors(path: path), let floats = try? file.floats("a", shape: [2, 1]) else {
        return false
      }
      return floats[0] + floats[1] == -1
    }
    let isRead = try read(whole)
    #expect(isRead)
    for count in 0..<whole.count {
      let isRead = try read(Array(whole[..<count]))
      #expect(!isRead, "\(count) bytes")
    }
    for bit in 0..<(whole.count - Self.data.count) * 8 {
      var damaged = whole
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      _ = try read(damaged)
    }
  }

  @Test("A model whose arrays are not MiniLM's is refused by name")
  func otherModel() throws {
    try write(header: Self.valid, data: Self.data)
    let vocabulary = temporary.path + "/vocab.txt"
    try Data("[UNK]\n[CLS]\n[SEP]\n".utf8).write(to: URL(fileURLWithPath: vocabulary))
    let name = "embeddings.word_embeddings.weight"
    #expect(throws: EmbeddingError.malformed(path: path, reason: "it has no array \(name)")) {
      try MiniLM(ModelFiles(directory: temporary.path))
    }
  }
}
