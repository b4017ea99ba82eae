import CVectorKernels
import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A vector to measure from: a query, or a row of the slab.
struct Probe {
  /// `layout.stride` floats, zeros behind the dimension.
  var vector: UnsafePointer<Float>
  /// 1/‖x‖ for cosine (0 for a zero vector), else 1.
  var inverseNorm: Float
  /// `layout.codeStride` codes, nil when it has none.
  var codes: UnsafePointer<Int8>?
  /// distance ≈ codeBase + offset(row) − codeScale · scale(row) · (Σ u·s − codeShift)
  var codeBase: Float
  var codeScale: Float
  var codeShift: Int32
  /// Standard deviation of an approximate distance to a row like this one; see `ScalarQuantizer.deviation`.
  var codeDeviation: Float = 0

  /// Two approximate distances closer than this may be in the wrong order.
  ///
  /// - Parameter error: the largest one seen. It counts where rows are longer than this vector, whose codes are coarser.
  func doubt(seen error: Float) -> Float {
    max(ScalarQuantizer.doubtfulDeviations * codeDeviation, 1.5 * error)
  }
}

/// The rows' vectors and the distances to them: append-only memory that never moves.
///
/// All pointer arithmetic on vectors is here. A row may be read by anybody who has learnt of it through an acquiring
/// load (the row count, or a link), since it was written before and is never written again.
final class VectorSlab: Sendable {
  let layout: VectorLayout
  let metric: DistanceMetric
  let chunks: ChunkTable
  private let codeChunks: ChunkTable
  private let pair: vk_f32_fn
  private let gather: vk_f32_gather_fn
  private let scan: vk_f32_scan_fn
  private let codeGather: vk_u8s8_gather_fn

  init(layout: VectorLayout, metric: DistanceMetric, kernels: KernelLevel) {
    self.layout = layout
    self.metric = metric
    chunks = ChunkTable(chunkBytes: layout.chunkBytes)
    codeChunks = ChunkTable(chunkBytes: layout.codeChunkBytes)
    let table = kernels.table
    pair = metric == .l2 ? table.f32_l2 : table.f32_dot
    gather = metric == .l2 ? table.f32_l2_gather : table.f32_dot_gather
    scan = metric == .l2 ? table.f32_l2_scan : table.f32_dot_scan
    codeGather = table.u8s8_dot_gather
  }

  // MARK: Addresses

  /// Whether two rows hold the same vector, bit by bit.
  func areEqual(_ a: UInt32, _ b: UInt32) -> Bool {
    memcmp(vector(a), vector(b), layout.rowBytes) == 0
  }

  @inline(__always)
  func vector(_ row: UInt32) -> UnsafeMutablePointer<Float> {
    let (chunk, index) = split(row)
    return (chunks.base[chunk] + index &* layout.rowBytes).assumingMemoryBound(to: Float.self)
  }

  @inline(__always)
  private func codes(_ row: UInt32) -> UnsafeMutableRawPointer {
    let (chunk, index) = splitForCodes(row)
    return codeChunks.base[chunk] + index &* layout.codeStride
  }

  /// What turns a product of codes into a distance.
  private struct Scaling {
    var scale: Float
    /// Squared length of the vector for l2, else 0.
    var offset: Float
  }

  @inline(__always)
  private func scalings(_ base: ChunkTable.Base, _ chunk: Int) -> UnsafeMutablePointer<Scaling> {
    (base[chunk] + layout.scalesOffset).assumingMemoryBound(to: Scaling.self)
  }

  @inline(__always)
  private func inverseNorm(_ row: UInt32) -> UnsafeMutablePointer<Float> {
    let (chunk, index) = split(row)
    return (chunks.base[chunk] + layout.normsOffset).assumingMemoryBound(to: Float.self) + index
  }

  @inline(__always)
  private func split(_ row: UInt32) -> (chunk: Int, index: Int) {
    (Int(row) &>> layout.shift, Int(row) & (1 &<< layout.shift &- 1))
  }

  @inline(__always)
  private func splitForCodes(_ row: UInt32) -> (chunk: Int, index: Int) {
    (Int(row) &>> layout.codeShift, Int(row) & (1 &<< layout.codeShift &- 1))
  }

  // MARK: Writing

  /// Copies `count` vectors to the rows from `first` on. One writer at a time.
  func write(_ vectors: UnsafePointer<Float>, count: Int, at first: Int) -> Bool {
    guard growVectors(from: first, to: first + count), growCodes(from: first, to: first + count) else { return false }
    for i in 0..<count {
      let row = UInt32(first + i)
      vector(row).update(from: vectors + i * layout.dimension, count: layout.dimension)
      if layout.hasNorms { setNorm(of: row) }
      if layout.hasCodes { setCodes(of: row) }
    }
    return true
  }

  /// Room for the rows up to `rowCount`, of which there were `old`. Gives false when the system refuses memory.
  private func growVectors(from old: Int, to rowCount: Int) -> Bool {
    guard chunks.grow(to: (rowCount + layout.rowsPerChunk - 1) >> layout.shift) else { return false }
    chunks.useHugePages(from: old, to: rowCount, itemsPerChunk: layout.rowsPerChunk)
    return true
  }

  private func growCodes(from old: Int, to rowCount: Int) -> Bool {
    guard layout.hasCodes else { return true }
    guard codeChunks.grow(to: (rowCount + layout.rowsPerCodeChunk - 1) >> layout.codeShift) else { return false }
    codeChunks.useHugePages(from: old, to: rowCount, itemsPerChunk: layout.rowsPerCodeChunk)
    return true
  }

  /// Computes what was not saved, once: the codes of `rowCount` rows, the first `saved` of which lie in adopted chunks
  /// with their norms, and the norms of the others, copied behind them. Before any reader.
  ///
  /// - Parameter partial: the rows from `saved` on, as they lie in a chunk.
  /// - Returns: whether there was enough memory.
  /// - Complexity: O(rows · dimension) with codes, on all cores; without codes adopted chunks are not read.
  func complete(saved: Int, partial: UnsafeRawBufferPointer) -> Bool {
    let rowCount = saved + partial.count / layout.rowBytes
    guard growVectors(from: saved, to: rowCount), growCodes(from: 0, to: rowCount) else { return false }
    if let source = partial.baseAddress, rowCount > saved {
      UnsafeMutableRawPointer(vector(UInt32(saved))).copyMemory(from: source, byteCount: partial.count)
    }
    if layout.hasNorms { for row in saved..<rowCount { setNorm(of: UInt32(row)) } }
    guard layout.hasCodes else { return true }
    // Pieces of some hundred microseconds, each taken by whichever core is free.
    let rowsPerPiece = 1024
    DispatchQueue.concurrentPerform(iterations: (rowCount + rowsPerPiece - 1) / rowsPerPiece) { piece in
      let end = min(rowCount, (piece + 1) * rowsPerPiece)
      for row in piece * rowsPerPiece..<end { self.setCodes(of: UInt32(row)) }
    }
    return true
  }

  private func setNorm(of row: UInt32) {
    inverseNorm(row).pointee = Self.inverseNorm(of: vector(row), count: layout.dimension)
  }

  /// Writes the codes of a row whose vector and norm are there.
  private func setCodes(of row: UInt32) {
    let vector = vector(row)
    let codes = codes(row)
    let unsigned = codes.assumingMemoryBound(to: UInt8.self)
    let scale = ScalarQuantizer.encode(vector, count: layout.dimension, intoUnsigned: unsigned) ?? 0
    let (chunk, index) = splitForCodes(row)
    let scaling = scalings(codeChunks.base, chunk) + index
    switch metric {
    case .l2:
      scaling.pointee = Scaling(
        scale: scale, offset: Self.squaredNorm(of: vector, count: layout.dimension))
    case .cosine: scaling.pointee = Scaling(scale: scale * inverseNorm(row).pointee, offset: 0)
    case .ip: scaling.pointee = Scaling(scale: scale, offset: 0)
    }
  }

  // MARK: Probes

  /// A probe for a vector of `layout.stride` floats. `codes` is room for `layout.codeStride` codes.
  func probe(_ vector: UnsafePointer<Float>, codes: UnsafeMutablePointer<Int8>) -> Probe {
    let inverseNorm = layout.hasNorms ? Self.inverseNorm(of: vector, count: layout.dimension) : 1
    return probe(vector, inverseNorm: inverseNorm, codes: codes)
  }

  /// A probe for a row, with codes.
  func probe(row: UInt32, codes: UnsafeMutablePointer<Int8>) -> Probe {
    probe(vector(row), inverseNorm: layout.hasNorms ? inverseNorm(row).pointee : 1, codes: codes)
  }

  /// A probe for a row, for exact distances only.
  @inline(__always)
  func probe(row: UInt32) -> Probe {
    let inverseNorm = layout.hasNorms ? inverseNorm(row).pointee : 1
    return Probe(
      vector: vector(row), inverseNorm: inverseNorm, codes: nil, codeBase: 0, codeScale: 0, codeShift: 0)
  }

  private func probe(
    _ vector: UnsafePointer<Float>, inverseNorm: Float, codes: UnsafeMutablePointer<Int8>
  ) -> Probe {
    var probe = Probe(
      vector: vector, inverseNorm: inverseNorm, codes: nil, codeBase: 1, codeScale: 0, codeShift: 0)
    guard layout.hasCodes,
      let scale = ScalarQuantizer.encode(vector, count: layout.dimension, into: codes)
    else { return probe }
    for i in layout.dimension..<layout.codeStride { codes[i] = 0 }
    var sum: Int32 = 0
    for i in 0..<layout.dimension { sum &+= Int32(codes[i]) }
    probe.codes = UnsafePointer(codes)
    probe.codeShift = sum &* 128
    let squaredNorm = Self.squaredNorm(of: vector, count: layout.dimension)
    let deviation = ScalarQuantizer.deviation(scale: scale, norm: squaredNorm.squareRoot())
    switch metric {
    case .l2:
      probe.codeBase = squaredNorm
      probe.codeScale = 2 * scale
      probe.codeDeviation = 2 * deviation
    case .cosine:
      probe.codeScale = scale * inverseNorm
      probe.codeDeviation = deviation * inverseNorm * inverseNorm
    case .ip:
      probe.codeScale = scale
      probe.codeDeviation = deviation
    }
    return probe
  }

  // MARK: Distances

  /// 1 − cosine, without the rounding that would put a vector at a negative distance from itself. NaN stays.
  @inline(__always)
  private static func cosineDistance(_ cosine: Float) -> Float {
    let distance = 1 - cosine
    return distance < 0 ? 0 : distance
  }

  /// The exact distance between two rows.
  @inline(__always)
  func distance(_ a: UInt32, _ b: UInt32) -> Float {
    let value = pair(vector(a), vector(b), layout.stride)
    switch metric {
    case .l2: return value
    case .cosine: return Self.cosineDistance(value * (inverseNorm(a).pointee * inverseNorm(b).pointee))
    case .ip: return 1 - value
    }
  }

  /// Exact distances from `probe` to `count` rows. `pointers` is room for `count` addresses.
  @inline(__always)
  func distances(
    from probe: Probe, to rows: UnsafePointer<UInt32>, count: Int, pointers: UnsafeMutablePointer<UnsafeRawPointer>,
    into out: UnsafeMutablePointer<Float>
  ) {
    let base = chunks.base
    for i in 0..<count {
      let (chunk, index) = split(rows[i])
      pointers[i] = UnsafeRawPointer(base[chunk] + index &* layout.rowBytes)
    }
    pointers.withMemoryRebound(to: UnsafePointer<Float>.self, capacity: count) {
      gather(probe.vector, $0, layout.stride, count, out)
    }
    switch metric {
    case .l2: break
    case .cosine:
      for i in 0..<count {
        out[i] = Self.cosineDistance(out[i] * (probe.inverseNorm * inverseNorm(rows[i]).pointee))
      }
    case .ip:
      for i in 0..<count { out[i] = 1 - out[i] }
    }
  }

  /// Exact distances from `probe` to `count` consecutive rows of one chunk.
  func distances(from probe: Probe, first: UInt32, count: Int, into out: UnsafeMutablePointer<Float>) {
    scan(probe.vector, vector(first), layout.stride, layout.stride, count, out)
    switch metric {
    case .l2: break
    case .cosine:
      let norms = inverseNorm(first)
      for i in 0..<count { out[i] = Self.cosineDistance(out[i] * (probe.inverseNorm * norms[i])) }
    case .ip:
      for i in 0..<count { out[i] = 1 - out[i] }
    }
  }

  /// Approximate distances by codes. The probe must have codes.
  @inline(__always)
  func codeDistances(
    from probe: Probe, to rows: UnsafePointer<UInt32>, count: Int, pointers: UnsafeMutablePointer<UnsafeRawPointer>,
    dots: UnsafeMutablePointer<Int32>, into out: UnsafeMutablePointer<Float>
  ) {
    let base = codeChunks.base
    for i in 0..<count {
      let (chunk, index) = splitForCodes(rows[i])
      pointers[i] = UnsafeRawPointer(base[chunk] + index &* layout.codeStride)
    }
    pointers.withMemoryRebound(to: UnsafePointer<UInt8>.self, capacity: count) {
      codeGather(probe.codes.unsafelyUnwrapped, $0, layout.codeStride, count, dots)
    }
    for i in 0..<count {
      let (chunk, index) = splitForCodes(rows[i])
      let scaling = scalings(base, chunk)[index]
      out[i] = probe.codeBase + scaling.offset - probe.codeScale * scaling.scale * Float(dots[i] &- probe.codeShift)
    }
  }

  // MARK: Norms

  /// In double precision, so that a norm neither overflows nor vanishes while the vector is finite and not zero.
  static func inverseNorm(of vector: UnsafePointer<Float>, count: Int) -> Float {
    var sum = 0.0
    for i in 0..<count { sum += Double(vector[i]) * Double(vector[i]) }
    let inverse = Float(1 / sum.squareRoot())
    return inverse.isFinite ? inverse : 0
  }

  static func squaredNorm(of vector: UnsafePointer<Float>, count: Int) -> Float {
    var sum: Float = 0
    for i in 0..<count { sum += vector[i] * vector[i] }
    return sum
  }
}

/// Which distance kernels to use: `.best`, or a lower level to test with.
package enum KernelLevel: Sendable, CaseIterable {
  case scalar, simd, wide, best

  var table: vk_table {
    switch self {
    case .scalar: vk_kernels(VK_LEVEL_SCALAR).pointee
    case .simd: vk_kernels(VK_LEVEL_SIMD).pointee
    case .wide: vk_kernels(VK_LEVEL_WIDE).pointee
    case .best: vk_kernels(VK_LEVEL_BYTES).pointee
    }
  }

  /// Allows this process no instructions above this level, in indexes made from here on.
  package func limitProcess() {
    switch self {
    case .scalar: vk_limit(VK_LEVEL_SCALAR)
    case .simd: vk_limit(VK_LEVEL_SIMD)
    case .wide: vk_limit(VK_LEVEL_WIDE)
    case .best: vk_limit(VK_LEVEL_BYTES)
    }
  }

  /// The instructions this level comes down to on this CPU: scalar, avx2, avx512, avx512+vnni, neon or neon+dotprod.
  package var name: String { String(cString: table.name) }
}
