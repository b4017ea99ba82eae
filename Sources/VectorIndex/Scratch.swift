import Synchronization

/// Memory for one search or one insertion: taken from a pool at the start, given back at the end, so that nothing is
/// allocated for a hop. Shared by all indexes; sized by the largest use so far.
struct Scratch: ~Copyable {
  /// `tags[row] == epoch`: seen by the walk under way. Starting a walk is one increment, not a clear.
  private(set) var tags: UnsafeMutablePointer<UInt16>
  private(set) var tagCapacity: Int
  private(set) var epoch: UInt16 = 0

  /// The candidates of a walk, sorted; and the best rows of a scan, as a heap.
  private(set) var pool = Buffer<Key>()
  private(set) var best = Buffer<Key>()
  private(set) var frontier = Buffer<Key>()
  /// For one node's neighbours.
  private(set) var ids = Buffer<UInt32>()
  private(set) var pointers = Buffer<UnsafeRawPointer>()
  private(set) var distances = Buffer<Float>()
  private(set) var dots = Buffer<Int32>()
  private(set) var sorted = Buffer<Key>()
  /// Chosen neighbours of a new node, `m` a level.
  private(set) var chosen = Buffer<UInt32>()
  private(set) var query = Buffer<Float>()
  private(set) var codes = Buffer<Int8>()

  var visitedCount = 0
  var distanceCount = 0

  init() {
    tags = .allocate(capacity: 0)
    tagCapacity = 0
  }

  deinit {
    tags.deallocate()
    pool.free()
    best.free()
    frontier.free()
    ids.free()
    pointers.free()
    distances.free()
    dots.free()
    sorted.free()
    chosen.free()
    query.free()
    codes.free()
  }

  /// - Parameters:
  ///   - rows: rows that a walk may meet; more may come up during it (`growTags`).
  ///   - candidates: longest candidate list.
  ///   - links: most links of a node, or ids in one batch.
  mutating func reserve(rows: Int, candidates: Int, links: Int, layout: VectorLayout) {
    visitedCount = 0
    distanceCount = 0
    if rows > tagCapacity { growTags(to: rows) }
    pool.reserve(candidates + 2)
    let batch = max(links + 2, 256)
    ids.reserve(batch)
    pointers.reserve(max(batch, candidates))
    distances.reserve(max(batch, candidates))
    dots.reserve(batch)
    sorted.reserve(max(batch, candidates) + 2)
    query.reserve(layout.stride)
    codes.reserve(layout.codeStride)
  }

  mutating func reserveBest(_ count: Int) { best.reserve(count) }
  mutating func reserveChosen(_ count: Int) { chosen.reserve(count) }

  /// Starts a walk: no row is seen.
  @inline(__always)
  mutating func nextEpoch() -> UInt16 {
    epoch &+= 1
    if epoch == 0 {
      tags.update(repeating: 0, count: tagCapacity)
      epoch = 1
    }
    return epoch
  }

  /// Makes room for more rows in the middle of a walk.
  mutating func growTags(to rows: Int) {
    let capacity = max(rows + rows / 4, 1024)
    let grown = UnsafeMutablePointer<UInt16>.allocate(capacity: capacity)
    grown.update(from: tags, count: tagCapacity)
    (grown + tagCapacity).update(repeating: 0, count: capacity - tagCapacity)
    tags.deallocate()
    tags = grown
    tagCapacity = capacity
  }

  /// Room for one more key on the frontier, keeping what is there.
  @inline(__always)
  mutating func growFrontier(_ count: Int) { frontier.grow(keeping: count) }
}

/// Memory that only grows.
struct Buffer<Element: BitwiseCopyable> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var capacity = 0

  init() { base = .allocate(capacity: 0) }

  func free() { base.deallocate() }

  /// Contents are not kept.
  mutating func reserve(_ count: Int) {
    guard count > capacity else { return }
    base.deallocate()
    capacity = count + count / 2
    base = UnsafeMutableRawPointer.allocate(byteCount: capacity * MemoryLayout<Element>.stride, alignment: 64)
      .bindMemory(to: Element.self, capacity: capacity)
  }

  /// Makes room for an element behind the first `count`, which are kept.
  @inline(__always)
  mutating func grow(keeping count: Int) {
    guard count >= capacity else { return }
    let old = base
    capacity = max(1024, capacity * 2)
    base = UnsafeMutableRawPointer.allocate(byteCount: capacity * MemoryLayout<Element>.stride, alignment: 64)
      .bindMemory(to: Element.self, capacity: capacity)
    base.update(from: old, count: count)
    old.deallocate()
  }
}

/// Where scratch memory waits between uses. Holds at most as many as ever worked at once, and no more than `limit`.
final class ScratchPool: Sendable {
  static let shared = ScratchPool()
  private static let limit = 32

  /// Never used by two threads at once: it is in the list, or with whoever took it out.
  private final class Box: @unchecked Sendable { var scratch = Scratch() }
  private let free = Mutex<[Box]>([])

  /// Frees what is not in use.
  func drop() { free.withLock { $0 = [] } }

  func withScratch<R, E>(_ body: (inout Scratch) throws(E) -> R) throws(E) -> R {
    let box = free.withLock { $0.popLast() } ?? Box()
    defer { free.withLock { if $0.count < Self.limit { $0.append(box) } } }
    return try body(&box.scratch)
  }
}
