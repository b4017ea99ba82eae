/// The UTF-8 encodings of a set of scalars as the smallest acyclic automaton over byte ranges.
///
/// Scalar ranges are cut where the length of the encoding changes and where a byte range would not be a plain product
/// (the method of RE2's and Rust's `utf8-ranges`, after Ken Thompson's grep); equal suffixes are then shared.
struct UTF8Automaton: Sendable {
  struct Edge: Hashable, Sendable {
    var low: UInt8
    var high: UInt8
    /// A state of this automaton, or `accepting`.
    var target: Int32
  }

  static let accepting: Int32 = -1

  /// Each state's edges, in byte order; a state's targets come before it, so the start is the last one.
  private(set) var states: [[Edge]] = []
  private var known: [[Edge]: Int32] = [:]

  /// - Parameter set: not empty.
  init(_ set: ScalarSet) {
    var sequences: [[ScalarRange]] = []
    for range in set.ranges { Self.split(range.low, range.high, into: &sequences) }
    _ = build(sequences[...], depth: 0)
    known = [:]
  }

  var edgeCount: Int { states.reduce(0) { $0 + $1.count } }

  /// Sequences that agree on the bytes before `depth`; those with the same byte range at `depth` stand together.
  private mutating func build(_ sequences: ArraySlice<[ScalarRange]>, depth: Int) -> Int32 {
    var edges: [Edge] = []
    var start = sequences.startIndex
    while start < sequences.endIndex {
      let byte = sequences[start][depth]
      var end = start + 1
      while end < sequences.endIndex, sequences[end][depth] == byte { end += 1 }
      let isLast = sequences[start].count == depth + 1
      let target = isLast ? Self.accepting : build(sequences[start..<end], depth: depth + 1)
      let low = UInt8(truncatingIfNeeded: byte.low)
      let high = UInt8(truncatingIfNeeded: byte.high)
      if let previous = edges.last, previous.target == target, Int(previous.high) + 1 == Int(low) {
        edges[edges.count - 1].high = high
      } else {
        edges.append(Edge(low: low, high: high, target: target))
      }
      start = end
    }
    if let state = known[edges] { return state }
    let state = Int32(truncatingIfNeeded: states.count)
    states.append(edges)
    known[edges] = state
    return state
  }

  /// Appends byte-range sequences that together encode `low...high`, in order.
  private static func split(_ low: UInt32, _ high: UInt32, into sequences: inout [[ScalarRange]]) {
    for limit: UInt32 in [0x7F, 0x7FF, 0xFFFF] where low <= limit && limit < high {
      split(low, limit, into: &sequences)
      split(limit + 1, high, into: &sequences)
      return
    }
    if low > 0x7F {
      for i: UInt32 in 1..<4 {
        let mask: UInt32 = (1 << (6 * i)) - 1
        guard low & ~mask != high & ~mask else { continue }
        if low & mask != 0 {
          split(low, low | mask, into: &sequences)
          split((low | mask) + 1, high, into: &sequences)
          return
        }
        if high & mask != mask {
          split(low, (high & ~mask) - 1, into: &sequences)
          split(high & ~mask, high, into: &sequences)
          return
        }
      }
    }
    guard let first = Unicode.Scalar(low), let last = Unicode.Scalar(high) else { return }
    sequences.append(zip(UTF8.bytes(of: first), UTF8.bytes(of: last)).map { ScalarRange(low: $0, high: $1) })
  }
}

extension UTF8 {
  /// The encoding of one scalar, a byte in each value.
  fileprivate static func bytes(of scalar: Unicode.Scalar) -> [UInt32] {
    UTF8.encode(scalar).map { $0.map(UInt32.init) } ?? []
  }
}
