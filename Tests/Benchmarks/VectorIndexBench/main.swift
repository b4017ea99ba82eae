import Dispatch
import VectorIndex

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// Build time, query time and recall at 10 of the vector index.
//
//   python3 Tests/Benchmarks/hnswlib_bench.py <directory>      makes the data and measures the peers
//   vector-index-bench <directory> [l2|cosine|ip]               measures this index on the same files
//   vector-index-bench tiny                                     measures the memory of 10,000 small indexes
//
// Files: base.f32 and queries.f32 (row after row), truth.i32 (10 rows a query), shape.txt ("rows dimension queries").

/// A whole file in memory, never given back.
func load(_ path: String) -> UnsafeMutableRawPointer {
  let file = open(path, O_RDONLY)
  var status = stat()
  guard file >= 0, fstat(file, &status) == 0,
    let memory = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, file, 0), memory != MAP_FAILED
  else { fatalError("cannot read \(path)") }
  close(file)
  return memory
}

struct Benchmark: @unchecked Sendable {
  let rows: Int
  let dimension: Int
  let queryCount: Int
  let base: UnsafePointer<Float>
  let queries: UnsafePointer<Float>
  let truth: UnsafePointer<Int32>
  let metric: DistanceMetric

  init(directory: String, metric: DistanceMetric) {
    let shape = UnsafeMutablePointer<CChar>(load(directory + "/shape.txt").assumingMemoryBound(to: CChar.self))
    var numbers: [Int] = []
    var cursor: UnsafeMutablePointer<CChar>? = shape
    for _ in 0..<3 { numbers.append(cursor.map { strtol($0, &cursor, 10) } ?? 0) }
    (rows, dimension, queryCount) = (numbers[0], numbers[1], numbers[2])
    base = UnsafePointer(load(directory + "/base.f32").assumingMemoryBound(to: Float.self))
    queries = UnsafePointer(load(directory + "/queries.f32").assumingMemoryBound(to: Float.self))
    truth = UnsafePointer(load(directory + "/truth.i32").assumingMemoryBound(to: Int32.self))
    self.metric = metric
  }

  func build(threads: Int, usesCodes: Bool) -> HNSWIndex {
    let index = HNSWIndex(
      dimension: dimension, metric: metric, parameters: HNSWParameters(usesCodes: usesCodes))
    let start = wallTime()
    _ = try? index.append(UnsafeBufferPointer(start: base, count: rows * dimension))
    let appended = wallTime()
    DispatchQueue.concurrentPerform(iterations: threads) { _ in while index.link(atMost: 256) > 0 {} }
    let linked = wallTime()
    print(
      "build  threads \(threads)  codes \(usesCodes)  append \(fixed(appended - start, 2)) s",
      "link \(fixed(linked - appended, 2)) s")
    return index
  }

  func query(_ index: HNSWIndex, ef: Int, byCodes: Bool, threads: Int = 1) {
    let words = [UInt64](repeating: .max, count: (rows / 65_536 + 1) * 1024)
    words.withUnsafeBufferPointer { words in
      let chunks = (0...(rows / 65_536)).map { words.baseAddress.unsafelyUnwrapped + $0 * 1024 }
      chunks.withUnsafeBufferPointer { chunks in
        let set = RowSet(chunks: chunks.baseAddress.unsafelyUnwrapped, rowCount: rows, count: rows)
        var hits = 0
        var distances = 0
        var best = Double.infinity
        for _ in 0..<5 {
          let start = threads == 1 ? threadTime() : wallTime()
          if threads == 1 {
            (hits, distances) = (0, 0)
            for i in 0..<queryCount {
              guard let result = search(index, i, ef: ef, byCodes: byCodes, set) else { continue }
              distances += result.distances
              let wanted = truth + i * 10
              for neighbor in result.neighbors { for j in 0..<10 where UInt32(wanted[j]) == neighbor.row { hits += 1 } }
            }
          } else {
            DispatchQueue.concurrentPerform(iterations: threads) { thread in
              for i in stride(from: thread, to: queryCount, by: threads) {
                _ = search(index, i, ef: ef, byCodes: byCodes, set)
              }
            }
          }
          best = min(best, (threads == 1 ? threadTime() : wallTime()) - start)
        }
        let time = fixed(best / Double(queryCount) * 1e6, 1)
        let recall = threads == 1 ? fixed(Double(hits) / Double(queryCount * 10), 4) : "-"
        print(
          "query  threads \(threads)  ef \(ef)  \(byCodes ? "int8" : "f32 ")  \(time) us  recall@10 \(recall)",
          " distances \(distances / queryCount)")
      }
    }
  }

  private func search(_ index: HNSWIndex, _ i: Int, ef: Int, byCodes: Bool, _ rows: RowSet) -> SearchResult? {
    let query = UnsafeBufferPointer(start: queries + i * dimension, count: dimension)
    return try? index.search(query, k: 10, ef: ef, within: rows, strategy: byCodes ? .graph : .graphFloat32)
  }
}

/// Resident memory of this process, from /proc.
func residentBytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  guard fgets(&line, 256, file) != nil else { return 0 }
  var cursor: UnsafeMutablePointer<CChar>?
  return line.withUnsafeMutableBufferPointer { line in
    _ = strtol(line.baseAddress.unsafelyUnwrapped, &cursor, 10)
    return cursor.map { strtol($0, nil, 10) * 4096 } ?? 0
  }
}

func measureTiny() {
  let before = residentBytes()
  let indexes = (0..<10_000).map { _ in HNSWIndex(dimension: 384, metric: .cosine) }
  print("an index without rows: \((residentBytes() - before) / indexes.count) bytes resident")
  let vectors = [Float](repeating: 1, count: 10 * 384)
  for index in indexes {
    _ = try? vectors.withUnsafeBufferPointer { try index.append($0) }
    _ = index.link(atMost: 10)
  }
  print("an index of 10 rows:   \((residentBytes() - before) / indexes.count) bytes resident")
}

func run() {
  let arguments = CommandLine.arguments
  guard arguments.count >= 2 else { return print("usage: vector-index-bench <directory> [l2|cosine|ip]") }
  if arguments[1] == "tiny" { return measureTiny() }
  let metric: DistanceMetric =
    switch arguments.count > 2 ? arguments[2] : "l2" {
    case "cosine": .cosine
    case "ip": .ip
    default: .l2
    }
  let benchmark = Benchmark(directory: arguments[1], metric: metric)
  for usesCodes in [false, true] {
    for threads in [1, 2] {
      let index = benchmark.build(threads: threads, usesCodes: usesCodes)
      for ef in [50, 100, 200] {
        benchmark.query(index, ef: ef, byCodes: false)
        if usesCodes { benchmark.query(index, ef: ef, byCodes: true) }
      }
      benchmark.query(index, ef: 100, byCodes: usesCodes, threads: 2)
    }
  }
}

run()
