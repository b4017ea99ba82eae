/// A set of rows in chunks of 65,536, shared between its copies until one of them changes.
///
/// Copying costs one reference a chunk; changing a row of a shared bitmap copies one chunk of 8 KB, so publishing a
/// write costs what it touched.
package struct RowBitmap: Sendable {
  package static let wordsInChunk = 1024

  /// Sendable since only a unique reference is written to.
  final class Chunk: @unchecked Sendable {
    let words: UnsafeMutablePointer<UInt64>

    init() {
      words = .allocate(capacity: RowBitmap.wordsInChunk)
      words.initialize(repeating: 0, count: RowBitmap.wordsInChunk)
    }

    init(copying other: Chunk) {
      words = .allocate(capacity: RowBitmap.wordsInChunk)
      words.initialize(from: other.words, count: RowBitmap.wordsInChunk)
    }

    deinit { words.deallocate() }
  }

  private var chunks: [Chunk] = []
  /// Rows in the set.
  package private(set) var count = 0

  package init() {}

  /// The empty set with room for rows below `rowCount`.
  package init(rowCount: Int) { chunks = (0..<((rowCount + 65_535) >> 16)).map { _ in Chunk() } }

  /// Rows the chunks have room for.
  package var capacity: Int { chunks.count << 16 }

  package func contains(_ row: Int) -> Bool {
    guard row < capacity else { return false }
    return chunks[row >> 16].words[(row >> 6) & 1023] >> UInt64(row & 63) & 1 != 0
  }

  /// Writes a whole word; the caller owns the rows `64 * index ..< 64 * index + 64`.
  package mutating func setWord(_ index: Int, _ word: UInt64) {
    let chunk = ownedChunk(index >> 10)
    let old = chunk.words[index & 1023]
    chunk.words[index & 1023] = word
    count += word.nonzeroBitCount - old.nonzeroBitCount
  }

  /// Writes the words of a block's rows; the caller owns those rows.
  mutating func setWords(from first: Int, _ mask: BlockMask, count words: Int) {
    var index = 0
    while index < words {
      let chunk = ownedChunk((first + index) >> 10)
      let end = min(words, index + Self.wordsInChunk - (first + index) & 1023)
      var change = 0
      while index < end {
        let place = (first &+ index) & 1023
        change += mask.bits[index].nonzeroBitCount - chunk.words[place].nonzeroBitCount
        chunk.words[place] = mask.bits[index]
        index &+= 1
      }
      count += change
    }
  }

  /// The words of a block's rows; gives whether one of them is not zero.
  func read(from first: Int, count words: Int, into mask: inout BlockMask) -> Bool {
    var any: UInt64 = 0
    for index in 0..<words {
      mask.bits[index] = word(first &+ index)
      any |= mask.bits[index]
    }
    return any != 0
  }

  package func word(_ index: Int) -> UInt64 {
    index >> 10 < chunks.count ? chunks[index >> 10].words[index & 1023] : 0
  }

  package mutating func insert(_ row: Int) {
    let chunk = ownedChunk(row >> 16)
    let bit: UInt64 = 1 << UInt64(row & 63)
    if chunk.words[(row >> 6) & 1023] & bit == 0 { count += 1 }
    chunk.words[(row >> 6) & 1023] |= bit
  }

  package mutating func remove(_ row: Int) {
    guard contains(row) else { return }
    let chunk = ownedChunk(row >> 16)
    chunk.words[(row >> 6) & 1023] &= ~((1 as UInt64) << UInt64(row & 63))
    count -= 1
  }

  private mutating func ownedChunk(_ index: Int) -> Chunk {
    while chunks.count <= index { chunks.append(Chunk()) }
    if !isKnownUniquelyReferenced(&chunks[index]) { chunks[index] = Chunk(copying: chunks[index]) }
    return chunks[index]
  }

  /// The chunks' words for the length of the call: what `RowSet` wraps without a copy.
  package func withChunks<T, E: Error>(
    _ body: (UnsafeBufferPointer<UnsafePointer<UInt64>>) throws(E) -> T
  ) throws(E) -> T {
    let pointers = chunks.map { UnsafePointer($0.words) }
    defer { withExtendedLifetime(chunks) {} }
    return try pointers.withUnsafeBufferPointer { (buffer) throws(E) -> T in try body(buffer) }
  }

  /// The rows, ascending.
  package func forEach(_ body: (Int) -> Void) {
    for (chunkIndex, chunk) in chunks.enumerated() {
      for index in 0..<Self.wordsInChunk {
        var word = chunk.words[index]
        while word != 0 {
          body(chunkIndex << 16 | index << 6 | word.trailingZeroBitCount)
          word &= word &- 1
        }
      }
    }
  }
}

extension RowBitmap {
  /// The bitmap's words for rows below `rowCount`, for a segment file.
  package func segmentBytes(rowCount: Int) -> [UInt8] {
    var writer = ByteWriter()
    for index in 0..<((rowCount + 63) / 64) { writer.append(word(index)) }
    return writer.bytes
  }

  /// - Throws: `.damaged` when the words are too few.
  package init(segmentBytes bytes: UnsafeRawBufferPointer, rowCount: Int, path: String) throws(StorageError) {
    self.init(rowCount: rowCount)
    var reader = ByteReader(bytes)
    for index in 0..<((rowCount + 63) / 64) {
      guard let word = reader.integer(UInt64.self) else { throw .damaged(path: path, reason: "it ends early") }
      let rest = rowCount - index * 64
      setWord(index, rest >= 64 ? word : word & ((1 << UInt64(rest)) - 1))
    }
  }
}
