import Dispatch
import VectorIndex

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// The vector index alone. One JSON object a line.
//
//   vector-index-bench build  DIRECTORY METRIC [efConstruction]     build by one thread and by two, then queries by ef
//   vector-index-bench filter DIRECTORY METRIC           each strategy for several shares of the rows
//   vector-index-bench tiny                              memory of 10,000 small indexes
//
// DIRECTORY holds base.f32 and queries.f32 (row after row), truth.i32 (10 rows a query) and shape.txt ("rows dimension
// queries"); METRIC is l2, cosine or ip. Times are CPU times of the thread, the least of several rounds, where one
// thread works; wall times where more do.

struct Benchmark: Sendable {
  let data: BenchmarkData
  let metric: DistanceMetric

  func build(threads: Int, usesCodes: Bool = true, efConstruction: Int = 100) -> HNSWIndex {
    let index = HNSWIndex(
      dimension: data.dimension, metric: metric,
      parameters: HNSWParameters(efConstruction: efConstruction, usesCodes: usesCodes))
    let (wall, cpu) = (wallTime(), processTime())
    _ = try? index.append(UnsafeBufferPointer(start: data.base, count: data.rows * data.dimension))
    DispatchQueue.concurrentPerform(iterations: threads) { _ in while index.link(atMost: 256) > 0 {} }
    let (wallSeconds, cpuSeconds) = (wallTime() - wall, processTime() - cpu)
    emit([
      ("what", "\"build\""), ("codes", "\(usesCodes)"), ("threads", "\(threads)"), ("rows", "\(data.rows)"),
      ("ef_construction", "\(efConstruction)"), ("seconds", fixed(wallSeconds, 3)),
      ("cpu_seconds", fixed(cpuSeconds, 3)), ("rows_per_second", fixed(Double(data.rows) / wallSeconds, 0)),
      ("rows_per_cpu_second", fixed(Double(data.rows) / cpuSeconds, 0)),
    ])
    return index
  }

  /// With more than the ten rows wanted whose truth is known, recall is that of those ten.
  func query(_ index: HNSWIndex, k: Int = 10, ef: Int, strategy: SearchStrategy, rounds: Int = 5) {
    let rows = BenchmarkRows(rowCount: data.rows, share: 1)
    rows.withSet { set in
      var hits = 0
      var distances = 0
      var best = Double.infinity
      for round in 0..<rounds {
        let start = threadTime()
        for i in 0..<data.queryCount {
          guard let result = try? index.search(data.query(i), k: k, ef: ef, within: set, strategy: strategy) else {
            continue
          }
          if round > 0 { continue }
          distances += result.distances
          let wanted = data.truth + i * 10
          for neighbor in result.neighbors { for j in 0..<10 where UInt32(wanted[j]) == neighbor.row { hits += 1 } }
        }
        best = min(best, threadTime() - start)
      }
      let queries = Double(data.queryCount)
      emit([
        ("what", k == 10 ? "\"query\"" : "\"wide\""), ("codes", "\(strategy == .graph)"), ("k", "\(k)"),
        ("ef", "\(ef)"),
        ("us", fixed(best / queries * 1e6, 2)), ("qps", fixed(queries / best, 0)),
        ("recall", fixed(Double(hits) / (queries * 10), 5)), ("distances", "\(distances / data.queryCount)"),
      ])
    }
  }

  /// Recall by distance against an exact scan, so that ties count.
  func filter(_ index: HNSWIndex, share: Double, strategies: [SearchStrategy]) {
    let rows = BenchmarkRows(rowCount: data.rows, share: share)
    let count = min(data.queryCount, 200)
    rows.withSet { set in
      let worst = (0..<count).map { i in
        (try? index.search(data.query(i), k: 10, ef: 100, within: set, strategy: .exact))?.neighbors.last?.distance
      }
      for strategy in strategies {
        var hits = 0
        var wanted = 0
        var visited = 0
        var distances = 0
        var best = Double.infinity
        for round in 0..<5 {
          let start = threadTime()
          for i in 0..<count {
            guard let result = try? index.search(data.query(i), k: 10, ef: 100, within: set, strategy: strategy) else {
              continue
            }
            if round > 0 { continue }
            visited += result.visited
            distances += result.distances
            wanted += min(10, rows.count)
            hits += result.neighbors.count { $0.distance <= worst[i] ?? .infinity }
          }
          best = min(best, threadTime() - start)
        }
        emit([
          ("what", "\"filter\""), ("share", "\(share)"), ("allowed", "\(rows.count)"), ("strategy", "\"\(strategy)\""),
          ("us", fixed(best / Double(count) * 1e6, 2)), ("recall", fixed(Double(hits) / Double(max(wanted, 1)), 5)),
          ("visited", "\(visited / count)"), ("distances", "\(distances / count)"),
        ])
      }
    }
  }
}

func emit(_ fields: [(String, String)]) {
  print("{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}")
  fflush(nil)
}

/// Resident memory of this process, from /proc.
func residentBytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  guard fgets(&line, 256, file) != nil else { return 0 }
  var cursor: UnsafeMutablePointer<CChar>?
  return line.withUnsafeMutableBufferPointer { line in
    _ = line.baseAddress.map { strtol($0, &cursor, 10) }
    return cursor.map { strtol($0, nil, 10) * 4096 } ?? 0
  }
}

func measureTiny() {
  let before = residentBytes()
  let indexes = (0..<10_000).map { _ in HNSWIndex(dimension: 384, metric: .cosine) }
  let empty = (residentBytes() - before) / indexes.count
  let vectors = [Float](repeating: 1, count: 10 * 384)
  for index in indexes {
    _ = try? vectors.withUnsafeBufferPointer { try index.append($0) }
    _ = index.link(atMost: 10)
  }
  emit([
    ("what", "\"tiny\""), ("bytes_without_rows", "\(empty)"),
    ("bytes_with_10_rows", "\((residentBytes() - before) / indexes.count)"),
  ])
}

func run() {
  let arguments = CommandLine.arguments
  let usage = "usage: vector-index-bench build|filter DIRECTORY l2|cosine|ip  or  vector-index-bench tiny"
  if arguments.count == 2, arguments[1] == "tiny" { return measureTiny() }
  let metrics: [String: DistanceMetric] = ["l2": .l2, "cosine": .cosine, "ip": .ip]
  guard arguments.count >= 4, let metric = metrics[arguments[3]] else { return print(usage) }
  let benchmark = Benchmark(data: BenchmarkData(directory: arguments[2]), metric: metric)
  let efConstruction = arguments.count > 4 ? Int(arguments[4]) ?? 100 : 100
  switch arguments[1] {
  case "build":
    let index = benchmark.build(threads: 1, efConstruction: efConstruction)
    for ef in [10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 450, 640, 900] {
      benchmark.query(index, ef: ef, strategy: .graph)
    }
    for ef in [50, 100, 200] { benchmark.query(index, ef: ef, strategy: .graphFloat32, rounds: 2) }
    // As many wanted as the list is long.
    for k in [30, 100, 300] {
      for strategy in [SearchStrategy.graph, .graphFloat32] {
        benchmark.query(index, k: k, ef: k, strategy: strategy, rounds: 2)
      }
    }
    _ = benchmark.build(threads: 2)
  case "filter":
    let index = benchmark.build(threads: 2)
    for share in [0.001, 0.003, 0.01, 0.03, 0.06, 0.1, 0.2, 0.5, 0.9, 1] {
      benchmark.filter(index, share: share, strategies: [.scan, .graph, .exact])
    }
  default: print(usage)
  }
}

run()
