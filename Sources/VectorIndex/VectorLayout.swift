/// Where the parts of a row lie in the chunks of vectors and of codes.
///
/// A chunk of vectors holds a power-of-two number of rows, in two parts one behind the other: the float32 vectors, each
/// padded with zeros to 64 bytes; and, for cosine, one 1/‖x‖ a row. A full one is written once and can be mapped back
/// as it is. The 8-bit codes have chunks of their own, of as many rows or more, in two parts as well: codes, each row's
/// padded with zeros to 64 bytes, so that a row is whole cache lines and nothing else; then a scale and an offset a row.
/// They are never saved: they follow from the vectors.
struct VectorLayout: Equatable, Sendable {
  /// Below, a float32 row is so few cache lines that codes save nothing; above, a 32-bit sum of products overflows.
  static let dimensionsForCodes = 64...65_536
  /// Size wanted for a chunk: large enough for huge pages, small enough to be mapped for few rows.
  static let wantedChunkBytes = 4 << 20
  static let rowsPerChunkRange = 1024...65_536

  let dimension: Int
  /// Floats a row, a multiple of 16.
  let stride: Int
  /// Codes a row, a multiple of 64; 0 when there are none.
  let codeStride: Int
  /// Where scales and offsets begin in a chunk of codes.
  let scalesOffset: Int
  let hasNorms: Bool
  /// log₂ of the rows in a chunk of vectors.
  let shift: Int
  let normsOffset: Int
  /// Bytes of a chunk of vectors.
  let chunkBytes: Int
  /// log₂ of the rows in a chunk of codes.
  let codeShift: Int
  /// Bytes of a chunk of codes, 0 when there are none.
  let codeChunkBytes: Int

  init(dimension: Int, metric: DistanceMetric, usesCodes: Bool) {
    self.dimension = dimension
    stride = (dimension + 15) & ~15
    let hasCodes = usesCodes && Self.dimensionsForCodes.contains(dimension)
    codeStride = hasCodes ? (dimension + 63) & ~63 : 0
    hasNorms = metric == .cosine
    let rows = Self.rowsPerChunk(rowBytes: stride * 4)
    shift = rows.trailingZeroBitCount
    normsOffset = rows * stride * 4
    chunkBytes = (normsOffset + (hasNorms ? rows * 4 : 0) + 4095) & ~4095
    let codeRows = Self.rowsPerChunk(rowBytes: codeStride)
    codeShift = codeRows.trailingZeroBitCount
    scalesOffset = codeRows * codeStride
    codeChunkBytes = hasCodes ? (scalesOffset + codeRows * 8 + 4095) & ~4095 : 0
  }

  private static func rowsPerChunk(rowBytes: Int) -> Int {
    var rows = rowsPerChunkRange.lowerBound
    while rows < rowsPerChunkRange.upperBound, rows * rowBytes < wantedChunkBytes { rows *= 2 }
    return rows
  }

  var hasCodes: Bool { codeStride > 0 }
  /// Bytes a row takes in a chunk of codes.
  var codeBytes: Int { hasCodes ? codeStride + 8 : 0 }
  var rowsPerChunk: Int { 1 << shift }
  var rowsPerCodeChunk: Int { 1 << codeShift }
  var rowBytes: Int { stride * 4 }
}
