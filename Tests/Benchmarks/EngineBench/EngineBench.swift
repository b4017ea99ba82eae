import ChromaEngine
import ChromaModel
import Dispatch
import Logging
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// What the engine takes in process, without HTTP: ingest as a collection grows, opening, text and metadata filters.
//
//   engine-bench fill DIR ROWS [DIMENSION] [kill|link]   adds rows in batches of 250, prints each window of 10,000; `kill`
//                                                        ends with SIGKILL, `link` waits until the graph holds all rows
//   engine-bench open DIR [DIMENSION]                    opens it and asks for rows by their own vectors
//   engine-bench text DIR                                get with $contains, limit 100
//   engine-bench where DIR                               get and query with a range of metadata
//
// Each prints one JSON object a line. Rows are seeded by their numbers, so `open` checks its answers.

@main
struct EngineBench {
  static let path = DatabasePath()
  static let name = "bench"
  static let batch = 250

  static func main() async throws {
    let start = now()
    let arguments = CommandLine.arguments
    guard arguments.count >= 3 else { return print("usage: engine-bench fill|open|text|where DIRECTORY …") }
    LoggingSystem.bootstrap { _ in OpeningLog() }
    let directory = arguments[2]
    func number(_ index: Int) -> Int? { arguments.count > index ? Int(arguments[index]) : nil }
    switch arguments[1] {
    case "fill":
      let rows = BenchRows(dimension: number(4) ?? 384)
      try await fill(directory, count: number(3) ?? 100_000, rows, arguments.last)
    case "open": try await open(directory, BenchRows(dimension: number(3) ?? 384), start)
    case "text": try await text(directory, BenchRows(dimension: 384))
    case "where": try await filters(directory, BenchRows(dimension: 384))
    default: print("unknown: \(arguments[1])")
    }
  }

  static func collection(_ engine: Engine, create: Bool = false) async throws -> Identifier {
    var configuration = ConfigurationRequest()
    configuration.space = .cosine
    return try await engine.createCollection(
      CreateCollectionRequest(name: name, configuration: configuration, getOrCreate: true), in: path
    ).id
  }

  static func fill(_ directory: String, count: Int, _ rows: BenchRows, _ ending: String?) async throws {
    let engine = try await Engine.open(at: directory)
    let id = try await collection(engine)
    var window = 0.0
    var slowest = 0.0
    var cpu = processTime()
    var begun = now()
    var next = rows.batch(0..<min(batch, count))
    for start in stride(from: 0, to: count, by: batch) {
      let current = next
      let range = min(count, start + batch)..<min(count, start + 2 * batch)
      // Made beside the write, as another process would.
      async let prepared = rows.batch(range)
      let before = now()
      try await engine.add(current, to: id, in: path)
      let took = now() - before
      window += took
      slowest = max(slowest, took)
      next = await prepared
      let done = start + batch
      guard done % 10_000 == 0 || done >= count else { continue }
      let status = try await engine.indexingStatus(id, in: path)
      print(
        JSON.object([
          ("rows", Double(done)), ("rows_per_s", 10_000 / window), ("slowest_ms", slowest * 1000),
          ("linked", Double(status.indexed)), ("wall_s", now() - begun), ("cpu_s", processTime() - cpu),
          ("anonymous_mb", memory("RssAnon") / 1e6),
        ]))
      fflush(nil)
      (window, slowest, begun, cpu) = (0, 0, now(), processTime())
    }
    if ending == "kill" { kill(getpid(), SIGKILL) }
    if ending == "link" {
      begun = now()
      while try await engine.indexingStatus(id, in: path).progress < 1 { try await Task.sleep(for: .milliseconds(100)) }
      print(JSON.object([("linking_s", now() - begun)]))
    }
    begun = now()
    await engine.close()
    print(JSON.object([("close_s", now() - begun)]))
  }

  static func open(_ directory: String, _ rows: BenchRows, _ start: Double) async throws {
    let prepared = now()
    let engine = try await Engine.open(at: directory)
    let opened = now()
    let id = try await collection(engine)
    let count = try await engine.count(id, in: path)
    let counted = now()
    var times: [Double] = []
    var wrong = 0
    for question in 0..<200 {
      let row = (question * 7919 + 13) % count
      var vector: [Float] = []
      rows.vector(row, into: &vector)
      let asked = now()
      let answer = try await engine.query(
        QueryRequest(embeddings: EmbeddingBatch([vector]), nResults: 10), in: id, in: path)
      times.append(now() - asked)
      if answer.records.first?.ids.first != rows.id(row) { wrong += 1 }
    }
    let status = try await engine.indexingStatus(id, in: path)
    print(
      JSON.object([
        ("first_answer_s", counted - prepared + times[0]), ("engine_s", opened - prepared),
        ("collection_s", counted - opened), ("first_query_ms", times[0] * 1000),
        ("query_p50_ms", times.sorted()[times.count / 2] * 1000), ("wrong", Double(wrong)),
        ("rows", Double(count)), ("linked", Double(status.indexed)), ("cpu_s", processTime()),
        ("anonymous_mb", memory("RssAnon") / 1e6), ("file_mb", memory("RssFile") / 1e6),
      ]))
    await engine.close()
  }

  static func text(_ directory: String, _ rows: BenchRows) async throws {
    let engine = try await Engine.open(at: directory)
    let id = try await collection(engine)
    let count = try await engine.count(id, in: path)
    var times: [Double] = []
    var found = 0
    for question in 0..<100 {
      let row = count / 100 * question
      let phrase = rows.document(row).split(separator: " ")[20..<23].joined(separator: " ")
      let request = GetRequest(
        filter: RecordFilter(predicate: .document(.contains(phrase))), limit: 100)
      let asked = now()
      let answer = try await engine.get(request, from: id, in: path)
      times.append(now() - asked)
      found += answer.records.ids.count
      guard question % 10 == 0 else { continue }
      let expected = (0..<count).lazy.filter { rows.document($0).contains(phrase) }.prefix(100).map(rows.id)
      if answer.records.ids != Array(expected) { print("wrong answer for \(phrase)") }
    }
    times.sort()
    print(
      JSON.object([
        ("contains_p50_ms", times[50] * 1000), ("contains_p90_ms", times[90] * 1000),
        ("contains_max_ms", times[99] * 1000), ("found", Double(found)),
      ]))
    await engine.close()
  }

  static func filters(_ directory: String, _ rows: BenchRows) async throws {
    let engine = try await Engine.open(at: directory)
    let id = try await collection(engine)
    let count = try await engine.count(id, in: path)
    while try await engine.indexingStatus(id, in: path).progress < 1 { try await Task.sleep(for: .milliseconds(100)) }
    for bound in [1, 10, 50, 100, 500, 1000, -1] as [Int64] {
      let predicate = bound < 0 ? nil : Where.metadata(key: "bucket", .ordered(.less, .int(bound)))
      let filter = RecordFilter(predicate: predicate)
      var gets: [Double] = []
      var queries: [Double] = []
      for question in 0..<200 {
        var asked = now()
        // Behind all rows, so that all of them have to be tested.
        _ = try await engine.get(GetRequest(filter: filter, limit: 1, offset: count, include: []), from: id, in: path)
        gets.append(now() - asked)
        var vector: [Float] = []
        rows.vector((question * 7919 + 13) % count, into: &vector)
        asked = now()
        _ = try await engine.query(
          QueryRequest(embeddings: EmbeddingBatch([vector]), nResults: 10, filter: filter), in: id, in: path)
        queries.append(now() - asked)
      }
      print(
        JSON.object([
          ("percent", Double(bound) / 10), ("get_p50_us", gets.sorted()[100] * 1e6),
          ("query_p50_us", queries.sorted()[100] * 1e6),
        ]))
    }
    await engine.close()
  }

  static func now() -> Double { seconds(CLOCK_MONOTONIC) }
  static func processTime() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Bytes of a line of /proc/self/status; 0 elsewhere.
  static func memory(_ key: String) -> Double {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      guard text.hasPrefix(key + ":") else { continue }
      return (Double(text.split(whereSeparator: \.isWhitespace)[1]) ?? 0) * 1024
    }
    return 0
  }
}

enum JSON {
  static func object(_ members: [(String, Double)]) -> String {
    "{" + members.map { "\"\($0.0)\": \((($0.1 * 1000).rounded() / 1000))" }.joined(separator: ", ") + "}"
  }
}

/// Prints what the engine says of an opening: its times by phase.
struct OpeningLog: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .debug

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    print("\(event.level): \(event.message) \(details)")
  }
}
