import VectorIndex

/// Which instructions distances are computed with. All give the same neighbours; sums differ in their last bits.
public enum VectorInstructions: String, Sendable, CaseIterable {
  /// The widest this CPU has.
  case automatic = "auto"
  case scalar
  /// x86-64: AVX2 and FMA.
  case avx2
  /// x86-64: AVX-512 without its instructions for bytes.
  case avx512
  /// arm64: NEON without its dot products of bytes.
  case neon

  /// Allows no more than these to the whole process, in engines opened from here on: to compare machines, or where wide
  /// instructions slow others down. What the CPU does not have stays out of use.
  public func limitProcess() { level.limitProcess() }

  /// What distances are computed with now.
  public static var inUse: String { KernelLevel.best.name }

  private var level: KernelLevel {
    switch self {
    case .automatic: .best
    case .scalar: .scalar
    case .avx2, .neon: .simd
    case .avx512: .wide
    }
  }
}
