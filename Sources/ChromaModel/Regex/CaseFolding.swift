/// Simple case folding (Unicode, CaseFolding.txt, status C and S): which scalars count as equal under `(?i)`.
///
/// Simple means one scalar to one scalar: `ß` equals `ẞ` but never `ss`.
enum CaseFolding {
  /// For each scalar with more than one form, all other forms.
  private static let otherForms: [UInt32: [UInt32]] = {
    var groups: [UInt32: [UInt32]] = [:]
    for run in UnicodeTables.caseFolding.split(whereSeparator: \.isWhitespace) {
      // `first-last/stride±delta`
      guard let slash = run.firstIndex(of: "/"),
        let sign = run[slash...].firstIndex(where: { $0 == "+" || $0 == "-" })
      else { continue }
      let bounds = run[..<slash].split(separator: "-").compactMap { UInt32($0, radix: 16) }
      guard bounds.count == 2, let stride = UInt32(run[run.index(after: slash)..<sign]),
        let delta = Int32(run[sign...])
      else { continue }
      for value in Swift.stride(from: bounds[0], through: bounds[1], by: Int(stride)) {
        groups[UInt32(truncatingIfNeeded: Int32(value) &+ delta), default: []].append(value)
      }
    }
    var forms: [UInt32: [UInt32]] = [:]
    for (target, sources) in groups {
      let orbit = [target] + sources
      for value in orbit { forms[value] = orbit.filter { $0 != value } }
    }
    return forms
  }()

  private static let sortedKeys: [UInt32] = otherForms.keys.sorted()

  /// `set` and every scalar equal to a member under simple folding.
  ///
  /// - Complexity: O(n log n) for n ranges and foldable members.
  static func closure(of set: ScalarSet) -> ScalarSet {
    let keys = sortedKeys
    var added: [ScalarRange] = []
    for range in set.ranges {
      var low = 0
      var high = keys.count
      while low < high {
        let middle = (low + high) / 2
        if keys[middle] < range.low { low = middle + 1 } else { high = middle }
      }
      while low < keys.count, keys[low] <= range.high {
        for form in otherForms[keys[low]] ?? [] where !set.contains(form) {
          added.append(ScalarRange(low: form, high: form))
        }
        low += 1
      }
    }
    return added.isEmpty ? set : ScalarSet(set.ranges + added)
  }
}
