import ArgumentParser
import ChromaClient
import Foundation

struct Eval: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure search and refusals on questions about the sample corpus.",
    discussion: """
      Puts the sample corpus into the library (in a directory of its own when no server is configured) and asks the \
      questions of evaluation/questions.jsonl. Prints recall, MRR and nDCG of search by meaning, by words and by both, and \
      how many questions were refused.

      EXIT STATUS
        0   measured; with --check, every floor holds
        1   a floor is broken, or the database failed
        78  a setting that cannot be understood, or a missing model
      """)

  @Option(help: "Which questions: test, tune, names or all.") var set = "test"
  @Option(help: "Questions, one JSON object a line.", completion: .file()) var questions: String?
  @Option(help: "Write what was found for each question to this file.", completion: .file()) var json: String?
  @Flag(help: "Fail when a floor is broken.") var check = false
  @Flag(help: "Name the questions that went wrong.") var verbose = false

  func validate() throws {
    guard set == "all" || EvaluationQuestion.Part(rawValue: set) != nil else {
      throw ValidationError("--set must be test, tune, names or all")
    }
  }

  func run() async throws {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("myapp-eval-\(UUID().uuidString)").path
    let runtime = try await orExit { try await Runtime.open(directory: scratch) }
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let complaints = try await runtime.withLibrary { try await measure($0, runtime) }
    guard check else { return }
    for complaint in complaints { printError(complaint) }
    print("\(Self.floors - complaints.count) passed, \(complaints.count) failed")
    if !complaints.isEmpty { throw ExitCode(1) }
  }

  private static let floors = 4

  private func measure(_ library: Library, _ runtime: Runtime) async throws -> [String] {
    let settings = runtime.settings
    let corpus = try Corpus(directory: settings.home + "/corpus")
    for (place, file) in corpus.files.enumerated() {
      report("storing", place, corpus.files.count)
      let result = try await library.ingest(try corpus.read(file))
      if let reason = result.reason { throw SettingsError(reason) }
    }
    let all = try EvaluationQuestion.read(questions ?? settings.home + "/evaluation/questions.jsonl")
    let chosen = all.filter { set == "all" || $0.set.rawValue == set }
    let evaluation = try await Evaluation.run(chosen, library: library, logger: runtime.logger) {
      report("asking", $0, $1)
    }
    report("", 0, 0)
    let passages = try await library.collection.count()
    print("\(corpus.files.count) documents, \(passages) passages, \(chosen.count) questions (\(set))\n")
    print(EvaluationTable.text(evaluation))
    if verbose { print(([""] + evaluation.missed).joined(separator: "\n")) }
    if let json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try encoder.encode(evaluation.findings).write(to: URL(fileURLWithPath: json))
    }
    return Floors.complaints(evaluation)
  }

  private func report(_ what: String, _ done: Int, _ total: Int) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K\(total > 0 ? "\(what) \(done)/\(total)" : "")".utf8))
  }
}
