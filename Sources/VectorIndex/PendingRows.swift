import CVectorKernels

/// Which rows are in the graph: one bit a row, and for each 4,096 rows how many are not.
///
/// A row's bit is set after its links are in place. A search therefore first scans the rows whose bit is clear and
/// then walks the graph: a row linked in between is found twice, never missed.
final class PendingRows: Sendable {
  static let rowsPerBlock = 4096
  static let wordsPerBlock = 64
  /// 64 words of bits, then the count of rows not linked, padded to a cache line.
  private static let blockBytes = 64 * 8 + 64
  private static let blocksPerChunk = 64

  private let chunks = ChunkTable(chunkBytes: 64 * (64 * 8 + 64))

  /// Room for rows below `rowCount`.
  func grow(to rowCount: Int) -> Bool {
    chunks.grow(
      to: (rowCount + Self.rowsPerBlock * Self.blocksPerChunk - 1) / (Self.rowsPerBlock * Self.blocksPerChunk))
  }

  /// Counts rows as waiting; before they are published.
  func add(_ rows: Range<Int>) {
    var first = rows.lowerBound
    while first < rows.upperBound {
      let end = min(rows.upperBound, (first / Self.rowsPerBlock + 1) * Self.rowsPerBlock)
      _ = vk_add_u32(counter(first / Self.rowsPerBlock), UInt32(end - first))
      first = end
    }
  }

  /// The row's links are in place.
  func markLinked(_ row: UInt32) {
    let bit = UInt64(1) << (UInt64(row) & 63)
    let before = vk_or_u64(words(Int(row) / Self.rowsPerBlock) + (Int(row) >> 6 & 63), bit)
    if before & bit == 0 { _ = vk_add_u32(counter(Int(row) / Self.rowsPerBlock), .max) }
  }

  /// As `markLinked` for the rows `64 * index ..< 64 * index + 64` whose bit is set, none of which was linked.
  func markLinked(_ word: UInt64, at index: Int) {
    guard word != 0 else { return }
    _ = vk_or_u64(words(index >> 6) + (index & 63), word)
    _ = vk_add_u32(counter(index >> 6), 0 &- UInt32(word.nonzeroBitCount))
  }

  @inline(__always)
  func isLinked(_ row: UInt32) -> Bool { linkedWord(Int(row) >> 6) >> (UInt64(row) & 63) & 1 != 0 }

  @inline(__always)
  func linkedWord(_ index: Int) -> UInt64 { vk_load_u64(words(index >> 6) + (index & 63)) }

  @inline(__always)
  func hasPending(block: Int) -> Bool { vk_load_u32(counter(block)) != 0 }

  @inline(__always)
  private func words(_ block: Int) -> UnsafeMutablePointer<UInt64> {
    (chunks.base[block / Self.blocksPerChunk] + (block & (Self.blocksPerChunk - 1)) * Self.blockBytes)
      .assumingMemoryBound(to: UInt64.self)
  }

  @inline(__always)
  private func counter(_ block: Int) -> UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(words(block) + Self.wordsPerBlock).assumingMemoryBound(to: UInt32.self)
  }
}
