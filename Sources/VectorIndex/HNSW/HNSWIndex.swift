import CVectorKernels
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Rows near to a vector, by a hierarchical navigable small-world graph (Malkov and Yashunin 2018) over vectors that
/// are only ever added.
///
/// One thread calls `append`; any number call `search`; any number call `link`; all at the same time. A row is found
/// from the moment `append` returns: exactly while it waits for its links, through the graph afterwards.
///
/// There is no delete. Each search says which rows it may return; the others still lead the way.
///
/// Invariants: a row's vector never changes or moves. Every node is reached from every other at level 0, since a
/// spanning tree of links is never given up (`HNSW+Insert.swift`). A node's level never changes.
///
/// Not promised: that a search over the graph finds *the* nearest rows. `ef` trades time for how many it finds.
package final class HNSWIndex: Sendable {
  /// Rows are numbered below this: bit 31 marks tree edges.
  package static let maximumRowCount = Int(Int32.max)
  /// The longest vector taken.
  package static let maximumDimension = 1 << 20

  package let dimension: Int
  package let metric: DistanceMetric
  package let parameters: HNSWParameters

  let slab: VectorSlab
  let links: LinkStore
  let pending = PendingRows()
  let entryPoint = Atomic<UInt64>(EntryPoint.none)
  /// Held while a node above the highest level is linked, and for the first node.
  let raising = Mutex<Void>(())
  /// Held by the one writer.
  let appending = Mutex<Void>(())

  let publishedRowCount = Atomic<Int>(0)
  let linked = Atomic<Int>(0)
  /// Rows below were taken by a linker: linked, being linked, or skipped.
  let claimed = Atomic<Int>(0)

  package init(
    dimension: Int, metric: DistanceMetric, parameters: HNSWParameters = HNSWParameters(),
    kernels: KernelLevel = .best
  ) {
    precondition(
      (1...Self.maximumDimension).contains(dimension), "dimension \(dimension) is not in 1...\(Self.maximumDimension)")
    self.dimension = dimension
    self.metric = metric
    self.parameters = parameters
    let layout = VectorLayout(dimension: dimension, metric: metric, usesCodes: parameters.usesCodes)
    slab = VectorSlab(layout: layout, metric: metric, kernels: kernels)
    links = LinkStore(m: parameters.m, m0: parameters.m0)
  }

  /// Rows appended.
  package var rowCount: Int { publishedRowCount.load(ordering: .acquiring) }
  /// Rows in the graph.
  package var linkedCount: Int { linked.load(ordering: .acquiring) }
  /// Rows that no call of `link` has taken yet.
  package var pendingCount: Int { max(0, rowCount - claimed.load(ordering: .acquiring)) }

  /// Adds vectors as the next rows; searches whose set covers them find them from here on.
  ///
  /// - Parameter vectors: count × dimension floats, finite; copied.
  /// - Returns: their rows.
  /// - Throws: `.dimensionMismatch` unless the length is a multiple of the dimension, `.full`, `.outOfMemory`. Nothing
  ///   is added then.
  /// - Complexity: O(count · dimension); memory is mapped as rows are touched.
  package func append(_ vectors: UnsafeBufferPointer<Float>) throws(VectorIndexError) -> Range<UInt32> {
    guard vectors.count.isMultiple(of: dimension) else {
      throw .dimensionMismatch(expected: dimension, received: vectors.count)
    }
    let count = vectors.count / dimension
    let result: Result<Range<UInt32>, VectorIndexError> = appending.withLock { _ in
      let first = publishedRowCount.load(ordering: .relaxed)
      guard let start = vectors.baseAddress, count > 0 else {
        return .success(UInt32(first)..<UInt32(first))
      }
      guard first + count <= Self.maximumRowCount else { return .failure(.full(limit: Self.maximumRowCount)) }
      guard links.grow(from: first, to: first + count), pending.grow(to: first + count),
        slab.write(start, count: count, at: first)
      else { return .failure(.outOfMemory(bytes: slab.layout.chunkBytes)) }
      pending.add(first..<(first + count))
      publishedRowCount.store(first + count, ordering: .releasing)
      return .success(UInt32(first)..<UInt32(first + count))
    }
    return try result.get()
  }

  /// Calls `body` with the row's vector, `nil` for a row that was never appended.
  package func withVector<R>(_ row: UInt32, _ body: (UnsafeBufferPointer<Float>) -> R) -> R? {
    guard Int(row) < rowCount else { return nil }
    return body(UnsafeBufferPointer(start: slab.vector(row), count: dimension))
  }

  /// A node's level: 0 for all but one in m, one in m² above level 1, … Section 4.1 of the paper, with
  /// mL = 1/ln m. Taken from the row number, so that it does not depend on which thread links which row.
  func drawLevel(_ row: UInt32) -> Int {
    var z = parameters.seed &+ (UInt64(row) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    let uniform = (Double(z >> 11) + 1) * 0x1p-53
    return min(HNSWParameters.maximumLevel, Int(-log(uniform) / log(Double(parameters.m))))
  }
}

/// Where walks start: a node of the highest level, packed so that both change at once.
enum EntryPoint {
  static let none: UInt64 = 0

  @inline(__always)
  static func pack(row: UInt32, level: Int) -> UInt64 { UInt64(level + 1) << 32 | UInt64(row) }
  @inline(__always)
  static func row(_ packed: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: packed) }
  /// −1 for none.
  @inline(__always)
  static func level(_ packed: UInt64) -> Int { Int(packed >> 32) - 1 }
}
