/// SplitMix64: the same seed gives the same run on every machine, so a failing test can print its seed.
///
/// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014), figure 16.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A standard normal value (Box and Muller 1958), for vectors with no preferred direction.
  package mutating func nextGaussian() -> Float {
    let u = Float.random(in: Float.leastNormalMagnitude...1, using: &self)
    let v = Float.random(in: 0..<1, using: &self)
    return (-2 * u.logarithm()).squareRoot() * (2 * Float.pi * v).cosine()
  }
}
