import CVectorKernels
import ChromaModel
import Dispatch
import Foundation
import Synchronization

/// The embedding model all-MiniLM-L6-v2, in process: the vectors Chroma's default embedding function makes.
///
/// Texts are cut at 256 word pieces. A text's vector does not depend on what is embedded with it.
///
/// Holds 43 MB of packed weights and maps the file. A call takes the cores of the machine in turns with other calls, on
/// threads of its own; a call of a text or two, which is a question, does not wait for the others.
public final class MiniLM: EmbeddingFunction {
  /// Word pieces that count, `[CLS]` and `[SEP]` with them.
  public static let maximumPieces = 256

  public let tokenizer: WordPieceTokenizer
  private let encoder: Encoder
  private let threads: Int
  private let queue = DispatchQueue(label: "chroma.embeddings")
  /// Beside the other: the scheduler shares the cores between the two.
  private let questions = DispatchQueue(label: "chroma.embeddings.questions", qos: .userInitiated)

  /// Reads and packs the weights; takes about 0.1 s.
  ///
  /// - Parameters:
  ///   - files: not verified here; see ``ModelFiles/verify()``.
  ///   - threads: most to compute on at once, at least 1.
  /// - Throws: ``EmbeddingError`` when a file is missing or is not this model's.
  public convenience init(
    _ files: ModelFiles, threads: Int = ProcessInfo.processInfo.activeProcessorCount
  ) throws(EmbeddingError) {
    try self.init(files, threads: threads, level: VK_LEVEL_BYTES)
  }

  init(_ files: ModelFiles, threads: Int, level: vk_level) throws(EmbeddingError) {
    tokenizer = try WordPieceTokenizer(vocabularyPath: files.vocabulary)
    let weights = try SafeTensors(path: files.weights)
    encoder = try Encoder(weights, vocabularyCount: tokenizer.vocabularyCount, level: level)
    self.threads = max(threads, 1)
  }

  public var name: String { "all-MiniLM-L6-v2" }
  public var dimension: Int { EncoderShape.width }

  /// One vector of length 1 for each text.
  ///
  /// - Throws: `CancellationError` soon after the task is cancelled.
  /// - Complexity: linear in the word pieces, and quadratic within a text; about 13 ms for 124 pieces on one core with
  ///   AVX-512.
  public func embed(_ texts: [String]) async throws -> EmbeddingBatch {
    var batch = EmbeddingBatch(dimension: dimension, values: [])
    batch.values.reserveCapacity(texts.count * dimension)
    let queue = texts.count <= Self.textsOfQuestion ? questions : queue
    // Part by part, so that calls take turns, and a cancelled task ends.
    for start in stride(from: 0, to: texts.count, by: textsPerTurn) {
      try Task.checkCancellation()
      let part = texts[start..<min(start + textsPerTurn, texts.count)]
      batch.values += await withCheckedContinuation { continuation in
        queue.async { continuation.resume(returning: self.vectors(part)) }
      }
    }
    return batch
  }

  private static let textsOfQuestion = 2

  /// About 0.2 s of work when they are long.
  private var textsPerTurn: Int { 16 * threads }

  /// Vectors of a few texts, one after another. Blocks.
  private func vectors(_ texts: ArraySlice<String>) -> [Float] {
    let ids = texts.map { tokenizer.encode($0, limit: Self.maximumPieces) }
    let batches = Self.batches(ids.map(\.count), threads: threads)
    let tokens = batches.map { batch in batch.reduce(0) { $0 + ids[$1].count } }.max() ?? 0
    let longest = ids.map(\.count).max() ?? 0
    let next = Atomic(0)
    return [Float](unsafeUninitializedCapacity: ids.count * dimension) { buffer, count in
      let out = Rows(buffer: buffer)
      DispatchQueue.concurrentPerform(iterations: min(threads, batches.count)) { _ in
        let scratch = Encoder.Scratch(tokens: tokens, longest: longest)
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < batches.count else { return }
          let batch = batches[index]
          encoder.encode(batch.map { ids[$0] }, scratch: scratch) { position, vector in
            out.write(vector, row: batch[position], width: EncoderShape.width)
          }
        }
      }
      count = ids.count * dimension
    }
  }

  /// Sendable since each row is written by one thread, and read when all are done.
  private struct Rows: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<Float>

    func write(_ vector: UnsafePointer<Float>, row: Int, width: Int) {
      guard let start = buffer.baseAddress, row >= 0, (row + 1) * width <= buffer.count else { return }
      (start + row * width).initialize(from: vector, count: width)
    }
  }

  /// Tokens of a batch: as many as keep the linear layers busy and the numbers between them in the cache.
  static let tokensPerBatch = 512

  /// Which texts are computed together: the longest first, so that threads end together; at least one batch a thread
  /// where there are texts enough.
  static func batches(_ lengths: [Int], threads: Int) -> [[Int]] {
    let total = lengths.reduce(0, +)
    let limit = min(tokensPerBatch, (total + threads - 1) / max(threads, 1))
    var batches: [[Int]] = []
    var room = 0
    for index in lengths.indices.sorted(by: { (lengths[$0], $1) > (lengths[$1], $0) }) {
      if batches.isEmpty || lengths[index] > room {
        batches.append([])
        room = limit
      }
      batches[batches.count - 1].append(index)
      room -= lengths[index]
    }
    return batches
  }
}
