import CVectorKernels
import Synchronization

/// The links of one node at one level: a version, a count and the ids.
///
/// A sequence lock: writers exclude each other by the node's byte lock and make the version odd while ids are
/// replaced; a reader copies the ids and starts again if the version changed meanwhile, so readers write nothing and
/// do not slow each other down. Loads acquire and stores release, so whoever learns of a row may read its vector.
/// Ids carry the tree mark in bit 31 (level 0 only).
struct LinkList {
  /// Word 0: version. Word 1: count.
  let head: UnsafeMutablePointer<UInt32>
  /// Aligned to 8 bytes.
  let ids: UnsafeMutablePointer<UInt32>

  /// Copies the ids to `out` (room for one more than the list's limit) and gives their number.
  @inline(__always)
  func copy(to out: UnsafeMutablePointer<UInt32>, limit: Int) -> Int {
    let pairs = UnsafeMutableRawPointer(ids).assumingMemoryBound(to: UInt64.self)
    let outPairs = UnsafeMutableRawPointer(out).assumingMemoryBound(to: UInt64.self)
    while true {
      let version = vk_load_u32(head)
      if version & 1 == 0 {
        let count = min(Int(vk_load_u32(head + 1)), limit)
        var i = 0
        while 2 &* i < count {
          outPairs[i] = vk_load_u64(pairs + i)
          i &+= 1
        }
        if vk_load_u32(head) == version { return count }
      }
      vk_pause()
    }
  }

  /// The next four members are for the holder of the node's lock, or before anybody knows the node.

  @inline(__always)
  var count: Int { Int(head[1]) }

  func append(_ id: UInt32) {
    vk_store_u32(ids + count, id)
    vk_store_u32(head + 1, head[1] &+ 1)
  }

  func set(_ id: UInt32, at index: Int) { vk_store_u32(ids + index, id) }

  func replace(with new: UnsafePointer<UInt32>, count: Int) {
    let version = head[0]
    vk_store_u32(head, version &+ 1)
    for i in 0..<count { vk_store_u32(ids + i, new[i]) }
    vk_store_u32(head + 1, UInt32(count))
    vk_store_u32(head, version &+ 2)
  }
}

/// Memory of the graph: a block a node for level 0, in whole cache lines, and a small block for each level above.
///
/// Node block, in 32-bit words: 0 version · 1 count · 2 lock (byte 0) and level (byte 1) · 3 tree parent ·
/// 4 first upper block · 5 in-degree at level 0 · 6… ids.
final class LinkStore: Sendable {
  static let noParent = UInt32.max
  private static let nodesPerChunkShift = 14
  private static let uppersPerChunkShift = 12
  private static let headWords = 6

  let m: Int
  let m0: Int
  private let nodeBytes: Int
  private let upperBytes: Int
  private let nodes: ChunkTable
  private let uppers: ChunkTable
  private let upperCount = Atomic<Int>(0)

  init(m: Int, m0: Int) {
    self.m = m
    self.m0 = m0
    nodeBytes = Self.nodeBytes(m0: m0)
    upperBytes = ((2 + m) * 4 + 7) & ~7
    nodes = ChunkTable(chunkBytes: nodeBytes << Self.nodesPerChunkShift)
    uppers = ChunkTable(chunkBytes: upperBytes << Self.uppersPerChunkShift)
  }

  /// Bytes of a node at level 0.
  static func nodeBytes(m0: Int) -> Int { ((headWords + m0) * 4 + 63) & ~63 }

  /// Bytes of the nodes below `rows` and of the levels above that are there.
  func bytes(rows: Int) -> Int { rows * nodeBytes + upperCount.load(ordering: .relaxed) * upperBytes }

  // MARK: Growth

  /// Room for the rows up to `rowCount`, of which there were `old`.
  func grow(from old: Int, to rowCount: Int) -> Bool {
    let perChunk = 1 << Self.nodesPerChunkShift
    guard nodes.grow(to: (rowCount + perChunk - 1) / perChunk) else { return false }
    nodes.useHugePages(from: old, to: rowCount, itemsPerChunk: perChunk)
    return true
  }

  /// Gives the node its level and blocks for it. Falls back to level 0 when there is no memory for them.
  func setLevel(_ level: Int, of row: UInt32) {
    let block = block(row)
    var level = level
    if level > 0 {
      let first = upperCount.wrappingAdd(level, ordering: .relaxed).oldValue
      let chunks = (first + level + (1 << Self.uppersPerChunkShift) - 1) >> Self.uppersPerChunkShift
      if first + level <= Int(UInt32.max), uppers.grow(to: chunks) {
        block[4] = UInt32(truncatingIfNeeded: first)
      } else {
        level = 0
      }
    }
    UnsafeMutableRawPointer(block + 2).storeBytes(of: UInt8(level), toByteOffset: 1, as: UInt8.self)
    block[3] = Self.noParent
  }

  /// Blocks for `count` levels above the lowest, all at once: the number of the first. `nil` without memory.
  func reserveUppers(_ count: Int) -> Int? {
    let first = upperCount.wrappingAdd(count, ordering: .relaxed).oldValue
    let chunks = (first + count + (1 << Self.uppersPerChunkShift) - 1) >> Self.uppersPerChunkShift
    return first + count <= Int(UInt32.max) && uppers.grow(to: chunks) ? first : nil
  }

  /// Gives a node its level, with upper blocks that were reserved.
  func place(_ row: UInt32, level: Int, firstUpper: Int) {
    let block = block(row)
    if level > 0 { block[4] = UInt32(truncatingIfNeeded: firstUpper) }
    UnsafeMutableRawPointer(block + 2).storeBytes(of: UInt8(level), toByteOffset: 1, as: UInt8.self)
  }

  // MARK: Access

  @inline(__always)
  private func block(_ row: UInt32) -> UnsafeMutablePointer<UInt32> {
    let row = Int(row)
    let index = row & (1 &<< Self.nodesPerChunkShift &- 1)
    return (nodes.base[row &>> Self.nodesPerChunkShift] + index &* nodeBytes).assumingMemoryBound(to: UInt32.self)
  }

  @inline(__always)
  func links(_ row: UInt32, level: Int) -> LinkList {
    let block = block(row)
    if level == 0 { return LinkList(head: block, ids: block + Self.headWords) }
    let slot = Int(block[4]) &+ level &- 1
    let index = slot & (1 &<< Self.uppersPerChunkShift &- 1)
    let upper = (uppers.base[slot &>> Self.uppersPerChunkShift] + index &* upperBytes)
      .assumingMemoryBound(to: UInt32.self)
    return LinkList(head: upper, ids: upper + 2)
  }

  @inline(__always)
  func limit(_ level: Int) -> Int { level == 0 ? m0 : m }

  func level(_ row: UInt32) -> Int {
    Int(UnsafeMutableRawPointer(block(row) + 2).load(fromByteOffset: 1, as: UInt8.self))
  }

  /// Set once, before the row counts as linked.
  func parent(_ row: UInt32) -> UInt32 { vk_load_u32(block(row) + 3) }
  func setParent(_ parent: UInt32, of row: UInt32) { vk_store_u32(block(row) + 3, parent) }

  /// Links to the row at level 0: exact when no thread links, never short of the tree edges.
  @inline(__always)
  func inDegree(_ row: UInt32) -> Int { Int(Int32(bitPattern: vk_load_u32(block(row) + 5))) }
  @inline(__always)
  func addInDegree(_ change: Int32, to row: UInt32) { _ = vk_add_u32(block(row) + 5, UInt32(bitPattern: change)) }

  @inline(__always)
  func prefetchHead(_ row: UInt32) { vk_prefetch(block(row), 24) }

  @inline(__always)
  func lock(_ row: UInt32) { vk_lock(UnsafeMutableRawPointer(block(row) + 2).assumingMemoryBound(to: UInt8.self)) }
  @inline(__always)
  func unlock(_ row: UInt32) { vk_unlock(UnsafeMutableRawPointer(block(row) + 2).assumingMemoryBound(to: UInt8.self)) }

  @inline(__always)
  func prefetch(_ row: UInt32, level: Int) {
    vk_prefetch(links(row, level: level).head, level == 0 ? nodeBytes : upperBytes)
  }
}
