/// Where the parts of a row lie in a chunk of vectors.
///
/// A chunk holds a power-of-two number of rows, in three parts one behind the other: the float32 vectors, each padded
/// with zeros to 64 bytes; their 8-bit codes, each followed by its scale and offset and padded to 64 bytes; and, for
/// cosine, one 1/‖x‖ a row. A full chunk is written once and can be mapped back as it is.
struct VectorLayout: Equatable, Sendable {
  /// Below, a float32 row is so few cache lines that codes save nothing; above, a 32-bit sum of products overflows.
  static let dimensionsForCodes = 64...65_536
  /// Size wanted for the vectors of a chunk: large enough for huge pages, small enough to be mapped for few rows.
  static let wantedChunkBytes = 4 << 20
  static let rowsPerChunkRange = 1024...65_536

  let dimension: Int
  /// Floats a row, a multiple of 16.
  let stride: Int
  /// Codes a row (the dimension rounded up so that scale and offset are aligned), 0 when there are none.
  let codeCount: Int
  /// Bytes from one row's codes to the next.
  let codeStride: Int
  let hasNorms: Bool
  /// log₂ of the rows in a chunk.
  let shift: Int
  let codesOffset: Int
  let normsOffset: Int
  let chunkBytes: Int

  init(dimension: Int, metric: DistanceMetric, usesCodes: Bool) {
    self.dimension = dimension
    stride = (dimension + 15) & ~15
    let hasCodes = usesCodes && Self.dimensionsForCodes.contains(dimension)
    codeCount = hasCodes ? (dimension + 3) & ~3 : 0
    codeStride = hasCodes ? (codeCount + 8 + 63) & ~63 : 0
    hasNorms = metric == .cosine
    var rows = Self.rowsPerChunkRange.lowerBound
    while rows < Self.rowsPerChunkRange.upperBound, rows * stride * 4 < Self.wantedChunkBytes { rows *= 2 }
    shift = rows.trailingZeroBitCount
    codesOffset = rows * stride * 4
    normsOffset = codesOffset + rows * codeStride
    chunkBytes = (normsOffset + (hasNorms ? rows * 4 : 0) + 4095) & ~4095
  }

  var hasCodes: Bool { codeCount > 0 }
  var rowsPerChunk: Int { 1 << shift }
  var rowBytes: Int { stride * 4 }
}
