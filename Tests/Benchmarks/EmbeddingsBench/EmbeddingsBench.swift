import ChromaModel
import Embeddings
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Chunks of text a second, embedded by MiniLM.
///
///   python3 Tests/Benchmarks/embeddings_bench.py …     makes the texts, measures PyTorch beside this, prints the ratio
///   embeddings-bench <texts.json> [rounds]              measures on the strings of a JSON array
///   embeddings-bench embed <texts.txt> <vectors.f32>    measures nothing: vectors of the lines, see `EmbedFile`
///
/// Prints "what chunks-per-second" by line: for one core by its CPU time, and for all cores by the clock; the best round
/// of each. The model is where `ModelFiles.locate` finds it.
@main
struct EmbeddingsBench {
  static func main() async throws {
    guard CommandLine.arguments.count > 1 else {
      print("usage: embeddings-bench <texts.json> [rounds]\n       embeddings-bench embed <texts.txt> <vectors.f32>")
      exit(64)
    }
    if CommandLine.arguments.count == 4, CommandLine.arguments[1] == "embed" {
      let paths = CommandLine.arguments[2...].map { URL(fileURLWithPath: $0) }
      let files = try ModelFiles.locate()
      try files.verify()
      return try await EmbedFile(texts: paths[0], vectors: paths[1]).run(MiniLM(files))
    }
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: CommandLine.arguments[1])))
    guard case .array(let elements) = try JSONValue(parsing: bytes) else {
      throw JSONError(offset: 0, reason: "no array")
    }
    let texts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
    let rounds = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 3 : 3
    let files = try ModelFiles.locate()
    try files.verify()

    let single = try MiniLM(files, threads: 1)
    let pieces = texts.reduce(0) { $0 + single.tokenizer.count($1, upTo: MiniLM.maximumPieces - 2) + 2 }
    print("pieces-per-chunk", Double(pieces) / Double(max(texts.count, 1)))
    let tokenizing = try await best(of: rounds, clock: CLOCK_PROCESS_CPUTIME_ID) {
      for text in texts { _ = single.tokenizer.encode(text) }
    }
    print("tokenize", Double(texts.count) / tokenizing)
    for size in [1, 8, 32] {
      let seconds = try await best(of: rounds, clock: CLOCK_PROCESS_CPUTIME_ID) {
        try await embed(texts, by: size, with: single)
      }
      print("core-batch-\(size)", Double(texts.count) / seconds)
    }
    let all = try MiniLM(files)
    let seconds = try await best(of: rounds, clock: CLOCK_MONOTONIC) {
      try await embed(texts, by: texts.count, with: all)
    }
    print("machine", Double(texts.count) / seconds)
  }

  static func embed(_ texts: [String], by size: Int, with model: MiniLM) async throws {
    for start in stride(from: 0, to: texts.count, by: size) {
      _ = try await model.embed(Array(texts[start..<min(start + size, texts.count)]))
    }
  }

  /// Seconds of the fastest round.
  static func best(of rounds: Int, clock: clockid_t, _ body: @Sendable () async throws -> Void) async throws -> Double {
    var best = Double.infinity
    for _ in 0..<rounds {
      let start = time(clock)
      try await body()
      best = min(best, time(clock) - start)
    }
    return best
  }

  static func time(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
