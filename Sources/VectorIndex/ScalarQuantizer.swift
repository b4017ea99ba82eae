import CVectorKernels

/// Eight bits a component, with a scale for each vector: x ≈ scale · (code − 128), scale = max |x| / 127.
///
/// A quarter of the memory to read, and a dot product of bytes that the CPU does 64 at a time. The walk over the
/// graph uses codes; what is returned is measured again on the float32 vectors.
enum ScalarQuantizer {
  /// Writes `count` codes in −127…127 and gives the scale; 0 (and codes of 0) for a zero vector, nil when a component
  /// is not finite.
  static func encode(
    _ vector: UnsafePointer<Float>, count: Int, into codes: UnsafeMutablePointer<Int8>
  ) -> Float? {
    let scale = UnsafeMutableRawPointer(codes).withMemoryRebound(to: UInt8.self, capacity: count) {
      vk_encode_codes(vector, count, 0, $0)
    }
    return scale < 0 ? nil : scale
  }

  /// The same codes plus 128, as rows hold them.
  static func encode(
    _ vector: UnsafePointer<Float>, count: Int, intoUnsigned codes: UnsafeMutablePointer<UInt8>
  ) -> Float? {
    let scale = vk_encode_codes(vector, count, 0x80, codes)
    return scale < 0 ? nil : scale
  }

  /// Standard deviation of the dot product of two coded vectors of this scale and norm from the exact one.
  ///
  /// Rounding errors are uniform in ±scale/2, variance scale²/12 a component; each vector's errors meet the other's
  /// components: 2 · norm² · scale²/12.
  static func deviation(scale: Float, norm: Float) -> Float { scale * norm * Float(1.0 / 6).squareRoot() }

  /// Two approximate distances closer than this many deviations may be in the wrong order.
  static let doubtfulDeviations: Float = 4
}
