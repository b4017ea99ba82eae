import VectorIndex

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Vectors, queries and the ten nearest rows of each, from the files that Tests/Benchmarks/datasets writes.
struct BenchmarkData: @unchecked Sendable {
  let rows: Int
  let dimension: Int
  let queryCount: Int
  let base: UnsafePointer<Float>
  let queries: UnsafePointer<Float>
  let truth: UnsafePointer<Int32>

  init(directory: String) {
    let shape = UnsafeMutablePointer<CChar>(Self.load(directory + "/shape.txt").assumingMemoryBound(to: CChar.self))
    var numbers: [Int] = []
    var cursor: UnsafeMutablePointer<CChar>? = shape
    for _ in 0..<3 { numbers.append(cursor.map { strtol($0, &cursor, 10) } ?? 0) }
    (rows, dimension, queryCount) = (numbers[0], numbers[1], numbers[2])
    base = UnsafePointer(Self.load(directory + "/base.f32").assumingMemoryBound(to: Float.self))
    queries = UnsafePointer(Self.load(directory + "/queries.f32").assumingMemoryBound(to: Float.self))
    truth = UnsafePointer(Self.load(directory + "/truth.i32").assumingMemoryBound(to: Int32.self))
  }

  func query(_ i: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: queries + i * dimension, count: dimension)
  }

  /// A whole file in memory, never given back.
  private static func load(_ path: String) -> UnsafeMutableRawPointer {
    let file = open(path, O_RDONLY)
    var status = stat()
    guard file >= 0, fstat(file, &status) == 0,
      let memory = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, file, 0), memory != MAP_FAILED
    else { stop("cannot read \(path)") }
    close(file)
    return memory
  }
}

/// Ends the program with a sentence, as for a file that is not there.
func stop(_ reason: String) -> Never {
  let line = Array("vector-index-bench: \(reason)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(66)
}

/// Rows to search in, with the words it owns.
struct BenchmarkRows {
  private let words: [UInt64]
  let rowCount: Int
  let count: Int

  /// - Parameter share: of the rows, by a hash of their number.
  init(rowCount: Int, share: Double) {
    var words = [UInt64](repeating: 0, count: (rowCount / RowSet.rowsPerChunk + 1) * 1024)
    var count = 0
    for row in 0..<rowCount {
      let hash = (UInt64(row) &+ 1) &* 0x9E37_79B9_7F4A_7C15
      guard Double(hash >> 11) * 0x1p-53 < share || share >= 1 else { continue }
      words[row >> 6] |= 1 << UInt64(row & 63)
      count += 1
    }
    (self.words, self.rowCount, self.count) = (words, rowCount, count)
  }

  func withSet<R>(_ body: (RowSet) -> R) -> R {
    words.withUnsafeBufferPointer { words in
      guard let base = words.baseAddress else { stop("no rows") }
      let chunks = (0..<(words.count / 1024)).map { base + $0 * 1024 }
      return chunks.withUnsafeBufferPointer { chunks in
        guard let chunks = chunks.baseAddress else { stop("no rows") }
        return body(RowSet(chunks: chunks, rowCount: rowCount, count: count))
      }
    }
  }
}
