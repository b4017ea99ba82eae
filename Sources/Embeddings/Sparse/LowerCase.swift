/// Lower case by the full mappings of the Unicode Standard, chapter 3.13, with its one rule about context: a capital
/// sigma that ends a word becomes ς.
///
/// The standard library's `lowercased()` maps scalar by scalar and gives σ everywhere.
enum LowerCase {
  static func scalars(_ text: String) -> [Unicode.Scalar] {
    let original = Array(text.unicodeScalars)
    var lowered: [Unicode.Scalar] = []
    lowered.reserveCapacity(original.count)
    for (index, scalar) in original.enumerated() {
      if scalar.isASCII {
        let isCapital = scalar >= "A" && scalar <= "Z"
        lowered.append(isCapital ? Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value) | 0x20) : scalar)
      } else if scalar == "Σ" {
        lowered.append(isFinal(index, in: original) ? "ς" : "σ")
      } else {
        lowered.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return lowered
  }

  /// Whether a cased letter comes before and none behind, not counting what case ignores.
  private static func isFinal(_ index: Int, in scalars: [Unicode.Scalar]) -> Bool {
    guard let before = scalars[..<index].last(where: { !$0.properties.isCaseIgnorable }), before.properties.isCased
    else { return false }
    guard let behind = scalars[(index + 1)...].first(where: { !$0.properties.isCaseIgnorable }) else { return true }
    return !behind.properties.isCased
  }
}
