/// Unicode scalars from `low` to `high`, both included.
struct ScalarRange: Sendable, Hashable {
  var low: UInt32
  var high: UInt32
}

/// A set of Unicode scalars: sorted ranges that neither overlap nor touch. Surrogates are never members.
struct ScalarSet: Sendable, Hashable {
  static let last: UInt32 = 0x10FFFF
  static let empty = ScalarSet(canonical: [])
  static let all = ScalarSet(canonical: [ScalarRange(low: 0, high: 0xD7FF), ScalarRange(low: 0xE000, high: last)])

  private(set) var ranges: [ScalarRange]

  private init(canonical ranges: [ScalarRange]) { self.ranges = ranges }

  /// - Parameter ranges: in any order, overlapping or not.
  /// - Complexity: O(n log n).
  init(_ ranges: [ScalarRange]) {
    var merged: [ScalarRange] = []
    merged.reserveCapacity(ranges.count)
    for range in ranges.sorted(by: { $0.low < $1.low }) {
      if let previous = merged.last, range.low <= previous.high &+ 1 {
        merged[merged.count - 1].high = max(previous.high, range.high)
      } else {
        merged.append(range)
      }
    }
    self.ranges = ScalarSet.removingSurrogates(merged)
  }

  init(_ scalar: Unicode.Scalar) {
    ranges = [ScalarRange(low: scalar.value, high: scalar.value)]
  }

  /// The scalars for which `isMember` holds. Slow (1.1 million calls): keep the result.
  init(where isMember: (Unicode.Scalar) -> Bool) {
    var found: [ScalarRange] = []
    for value in 0...ScalarSet.last {
      guard let scalar = Unicode.Scalar(value), isMember(scalar) else { continue }
      if let previous = found.last, previous.high + 1 == value {
        found[found.count - 1].high = value
      } else {
        found.append(ScalarRange(low: value, high: value))
      }
    }
    ranges = found
  }

  var isEmpty: Bool { ranges.isEmpty }

  /// How many scalars the set holds.
  var count: Int { ranges.reduce(0) { $0 + Int($1.high - $1.low) + 1 } }

  /// The only member, if there is exactly one.
  var single: Unicode.Scalar? {
    guard ranges.count == 1, let only = ranges.first, only.low == only.high else { return nil }
    return Unicode.Scalar(only.low)
  }

  /// - Complexity: O(log n).
  func contains(_ value: UInt32) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].high < value { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].low <= value
  }

  func union(_ other: ScalarSet) -> ScalarSet {
    if isEmpty { return other }
    if other.isEmpty { return self }
    return ScalarSet(ranges + other.ranges)
  }

  func intersection(_ other: ScalarSet) -> ScalarSet {
    var common: [ScalarRange] = []
    var i = 0
    var j = 0
    while i < ranges.count, j < other.ranges.count {
      let low = max(ranges[i].low, other.ranges[j].low)
      let high = min(ranges[i].high, other.ranges[j].high)
      if low <= high { common.append(ScalarRange(low: low, high: high)) }
      if ranges[i].high < other.ranges[j].high { i += 1 } else { j += 1 }
    }
    return ScalarSet(canonical: common)
  }

  func subtracting(_ other: ScalarSet) -> ScalarSet { intersection(other.inverted) }

  func symmetricDifference(_ other: ScalarSet) -> ScalarSet {
    union(other).subtracting(intersection(other))
  }

  /// Every scalar that is not a member.
  var inverted: ScalarSet {
    var gaps: [ScalarRange] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.low > next { gaps.append(ScalarRange(low: next, high: range.low - 1)) }
      next = range.high + 1
    }
    if next <= ScalarSet.last { gaps.append(ScalarRange(low: next, high: ScalarSet.last)) }
    return ScalarSet(canonical: ScalarSet.removingSurrogates(gaps))
  }

  private static func removingSurrogates(_ ranges: [ScalarRange]) -> [ScalarRange] {
    guard ranges.contains(where: { $0.low <= 0xDFFF && $0.high >= 0xD800 }) else { return ranges }
    var kept: [ScalarRange] = []
    for range in ranges {
      if range.low < 0xD800 { kept.append(ScalarRange(low: range.low, high: min(range.high, 0xD7FF))) }
      if range.high > 0xDFFF { kept.append(ScalarRange(low: max(range.low, 0xE000), high: range.high)) }
    }
    return kept
  }
}
