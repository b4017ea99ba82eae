/// How far two vectors are apart, in float32.
///
/// - `l2`: Σ (a − b)², not its root.
/// - `cosine`: 1 − a·b / (‖a‖‖b‖); a zero vector has dot product 0 with everything, hence distance 1.
/// - `ip`: 1 − a·b, which may be negative.
package enum DistanceMetric: UInt8, Sendable, CaseIterable {
  case l2 = 0
  case cosine = 1
  case ip = 2
}
