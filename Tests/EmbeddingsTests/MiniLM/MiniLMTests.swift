import CVectorKernels
import ChromaModel
import ChromaTestSupport
import Foundation
import Testing

@testable import Embeddings

@Suite("MiniLM", .enabled(if: TestModel.isThere, TestModel.reason))
struct MiniLMTests {
  private let model: MiniLM

  init() throws { model = try MiniLM(#require(TestModel.files)) }

  /// Vectors of the first 1,000 texts, and how far from the truth their notation may be; see `make_minilm_golden.py`.
  private func goldenVectors() throws -> [(vector: [Float], error: Float)] {
    let bytes = try GoldenFile.bytes("minilm.bin")
    try #require(bytes.count == 100 * 384 * 4 + 900 * (4 + 384 * 2))
    return bytes.withUnsafeBytes { raw in
      (0..<1000).map { row in
        if row < 100 {
          return ((0..<384).map { raw.loadUnaligned(fromByteOffset: (row * 384 + $0) * 4, as: Float.self) }, 0)
        }
        let start = 100 * 384 * 4 + (row - 100) * (4 + 384 * 2)
        let step = raw.loadUnaligned(fromByteOffset: start, as: Float.self)
        let codes = (0..<384).map { raw.loadUnaligned(fromByteOffset: start + 4 + $0 * 2, as: Int16.self) }
        return (codes.map { Float($0) * step }, step / 2)
      }
    }
  }

  /// - Returns: the largest difference beyond what the golden file's notation allows, and the least cosine.
  private func compare(_ batch: EmbeddingBatch, with golden: ArraySlice<(vector: [Float], error: Float)>) throws
    -> (difference: Float, cosine: Double)
  {
    var worst: Float = 0
    var least = 1.0
    for (index, expected) in golden.enumerated() {
      let found = Array(try #require(batch.vector(index)))
      let difference = zip(found, expected.vector).map { abs($0 - $1) }.max() ?? .infinity
      worst = max(worst, difference - expected.error)
      let dot = zip(found, expected.vector).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let size = expected.vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      least = min(least, dot / size)
      #expect(found.allSatisfy { $0.isFinite })
    }
    return (worst, least)
  }

  @Test("1,000 texts have the vectors PyTorch computes, within 1e-5 in every number")
  func golden() async throws {
    let golden = try goldenVectors()
    let texts = try WordPieceTokenizerTests.golden().prefix(1000).map(\.text)
    let (difference, cosine) = try compare(try await model.embed(Array(texts)), with: golden[...])
    print("largest difference \(difference), least cosine \(cosine)")
    #expect(difference <= 1e-5)
    #expect(cosine >= 0.99999)
  }

  @Test("Every level of kernels gives the same vectors within 1e-5", arguments: [UInt32(0), 1, 2])
  func levels(level: UInt32) async throws {
    let model = try MiniLM(#require(TestModel.files), threads: 2, level: vk_level(level))
    let texts = try WordPieceTokenizerTests.golden().prefix(100).map(\.text)
    let (difference, cosine) = try compare(try await model.embed(Array(texts)), with: try goldenVectors()[..<100])
    #expect(difference <= 1e-5)
    #expect(cosine >= 0.99999)
  }

  @Test("A text has the same vector, to the bit, alone and in any company, on one thread and on several")
  func companyDoesNotMatter() async throws {
    let single = try MiniLM(#require(TestModel.files), threads: 1)
    var texts = Array(try WordPieceTokenizerTests.golden()[100..<160].map(\.text))
    let vectors = try await model.embed(texts)
    for (index, text) in texts.enumerated().prefix(12) {
      let alone = try await single.embed([text])
      #expect(alone.vector(0) == vectors.vector(index), "\(text.debugDescription)")
    }
    texts.reverse()
    let reversed = try await single.embed(texts)
    for index in texts.indices { #expect(reversed.vector(index) == vectors.vector(texts.count - 1 - index)) }
  }

  @Test("No text gives an empty batch, an empty text a vector of length 1")
  func empty() async throws {
    let none = try await model.embed([])
    #expect(none.count == 0)
    let batch = try await model.embed(["", "x"])
    #expect(batch.count == 2 && batch.dimension == 384)
    let square = try #require(batch.vector(0)).reduce(Float(0)) { $0 + $1 * $1 }
    #expect(abs(square - 1) < 1e-5)
  }

  @Test("A cancelled call ends with CancellationError")
  func cancellation() async throws {
    let model = model
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await model.embed(["x"])
    }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }

  @Test("Calls at once each get their own vectors")
  func concurrentCalls() async throws {
    let texts = ["red", "green apples", "a blue sky over the sea"]
    let alone = try await model.embed(texts)
    let model = model
    try await withThrowingTaskGroup(of: (Int, EmbeddingBatch).self) { group in
      for call in 0..<30 {
        group.addTask { (call, try await model.embed(Array(repeating: texts[call % 3], count: 1 + call))) }
      }
      for try await (call, batch) in group {
        #expect(batch.count == 1 + call)
        for index in 0..<batch.count { #expect(batch.vector(index) == alone.vector(call % 3)) }
      }
    }
  }
}

@Suite("Batches of texts")
struct MiniLMBatchTests {
  @Test("Every text is in one batch, batches keep to their size, and threads all have work")
  func batches() {
    for seed in UInt64(0)..<300 {
      var generator = SeededGenerator(seed: seed)
      let count = Int.random(in: 0...70, using: &generator)
      let lengths = (0..<count).map { _ in Int.random(in: 2...256, using: &generator) }
      let threads = Int.random(in: 1...4, using: &generator)
      let batches = MiniLM.batches(lengths, threads: threads)
      #expect(batches.flatMap { $0 }.sorted() == Array(0..<count), "seed \(seed)")
      for batch in batches {
        let tokens = batch.reduce(0) { $0 + lengths[$1] }
        #expect(!batch.isEmpty && tokens <= MiniLM.tokensPerBatch, "seed \(seed)")
      }
      #expect(batches.count >= min(threads, count), "seed \(seed)")
    }
  }
}
