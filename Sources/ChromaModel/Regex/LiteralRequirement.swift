/// Byte strings that a text must hold for a pattern to match it: a test to make before the pattern itself.
///
/// Sound, not complete: a text without them cannot match, one with them may or may not.
package indirect enum LiteralRequirement: Sendable, Hashable {
  /// Nothing is known; every text qualifies.
  case everything
  /// Never empty.
  case literal([UInt8])
  /// At least two.
  case and([LiteralRequirement])
  /// At least two.
  case or([LiteralRequirement])

  /// Whether `bytes` qualifies; the meaning of the cases, slow.
  package func isMet(by bytes: [UInt8]) -> Bool {
    switch self {
    case .everything: true
    case .literal(let literal): bytes.firstRange(of: literal) != nil
    case .and(let parts): parts.allSatisfy { $0.isMet(by: bytes) }
    case .or(let parts): parts.contains { $0.isMet(by: bytes) }
    }
  }
}

/// Derives the requirement of a pattern from its tree.
struct LiteralAnalysis {
  /// More alternatives than these are not followed.
  private static let mostStrings = 16
  private static let mostBytes = 4096
  private static let mostBranches = 256

  /// What a node matches: one of `exact`, if they are few, else a text that meets `requirement`.
  private enum Knowledge {
    case exact([[UInt8]])
    case requirement(LiteralRequirement)

    var requirement: LiteralRequirement {
      switch self {
      case .requirement(let requirement): requirement
      case .exact(let strings): LiteralAnalysis.anyOf(strings.map { $0.isEmpty ? .everything : .literal($0) })
      }
    }
  }

  static func requirement(of node: RegexNode) -> LiteralRequirement { knowledge(of: node).requirement }

  private static func knowledge(of node: RegexNode) -> Knowledge {
    switch node {
    case .empty, .look: return .exact([[]])
    case .scalars(let set):
      guard !set.isEmpty, set.count <= 4 else { return .requirement(.everything) }
      return .exact(
        set.ranges.flatMap { range in
          (range.low...range.high).compactMap { Unicode.Scalar($0).flatMap { UTF8.encode($0) }.map(Array.init) }
        })
    case .concatenation(let parts): return concatenation(parts)
    case .alternation(let branches):
      guard branches.count <= mostBranches else { return .requirement(.everything) }
      let known = branches.map(knowledge)
      var strings: [[UInt8]] = []
      for branch in known {
        guard case .exact(let some) = branch, strings.count + some.count <= mostStrings else {
          return .requirement(anyOf(known.map(\.requirement)))
        }
        strings += some
      }
      return .exact(strings)
    case .repetition(let body, let minimum, let maximum):
      let inner = knowledge(of: body)
      if minimum == 0 {
        if maximum == 1, case .exact(let strings) = inner, strings.count < mostStrings { return .exact(strings + [[]]) }
        return .requirement(.everything)
      }
      guard minimum == maximum, minimum <= mostBytes, case .exact = inner else {
        return .requirement(inner.requirement)
      }
      var product: [[UInt8]] = [[]]
      guard case .exact(let strings) = inner else { return .requirement(inner.requirement) }
      for _ in 0..<minimum where !multiply(&product, by: strings) { return .requirement(inner.requirement) }
      return .exact(product)
    }
  }

  private static func concatenation(_ parts: [RegexNode]) -> Knowledge {
    var needed: [LiteralRequirement] = []
    var run: [[UInt8]] = [[]]
    var isExact = true
    func flush() {
      let requirement = Knowledge.exact(run).requirement
      if requirement != .everything { needed.append(requirement) }
      run = [[]]
    }
    for part in parts {
      let known = knowledge(of: part)
      if case .exact(let strings) = known {
        if multiply(&run, by: strings) { continue }
        isExact = false
        flush()
        run = strings
      } else {
        isExact = false
        flush()
        if known.requirement != .everything { needed.append(known.requirement) }
      }
    }
    if isExact { return .exact(run) }
    flush()
    switch needed.count {
    case 0: return .requirement(.everything)
    case 1: return .requirement(needed[0])
    default: return .requirement(.and(needed))
    }
  }

  /// Every string of `product` followed by every one of `strings`; false, and no change, if that is too much.
  private static func multiply(_ product: inout [[UInt8]], by strings: [[UInt8]]) -> Bool {
    if product.count == 1, strings.count == 1 {
      product[0] += strings[0]
      return true
    }
    let length = (product.lazy.map(\.count).max() ?? 0) + (strings.lazy.map(\.count).max() ?? 0)
    let count = product.count * strings.count
    guard count <= mostStrings, count * length <= mostBytes else { return false }
    product = product.flatMap { head in strings.map { head + $0 } }
    return true
  }

  private static func anyOf(_ parts: [LiteralRequirement]) -> LiteralRequirement {
    if parts.contains(.everything) { return .everything }
    var seen: Set<LiteralRequirement> = []
    let distinct = parts.filter { seen.insert($0).inserted }
    return distinct.count == 1 ? distinct[0] : distinct.isEmpty ? .everything : .or(distinct)
  }
}
