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
    // Comparing bit patterns without the sign orders finite floats by magnitude, and vectorises.
    var largestBits: UInt32 = 0
    for i in 0..<count { largestBits = max(largestBits, vector[i].bitPattern & 0x7FFF_FFFF) }
    let largest = Float(bitPattern: largestBits)
    guard largest.isFinite else { return nil }
    // Below this 127 / largest overflows; such a vector is zero for every purpose of a walk.
    guard largest > 1e-36 else {
      codes.update(repeating: 0, count: count)
      return 0
    }
    let inverse = 127 / largest
    // Adding 1.5 · 2²³ rounds to nearest and leaves the integer in the low bits: no call to `rintf` on old CPUs.
    let magic: Float = 12_582_912
    for i in 0..<count {
      codes[i] = Int8(truncatingIfNeeded: Int32(truncatingIfNeeded: (vector[i] * inverse + magic).bitPattern))
    }
    return largest / 127
  }

  /// Standard deviation of the dot product of two coded vectors of this scale and norm from the exact one.
  ///
  /// Rounding errors are uniform in ±scale/2, variance scale²/12 a component; each vector's errors meet the other's
  /// components: 2 · norm² · scale²/12.
  static func deviation(scale: Float, norm: Float) -> Float { scale * norm * Float(1.0 / 6).squareRoot() }

  /// Two approximate distances closer than this many deviations may be in the wrong order.
  static let doubtfulDeviations: Float = 4
}
