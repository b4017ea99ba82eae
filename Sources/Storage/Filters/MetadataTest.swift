internal import ChromaModel

/// One positive comparison, evaluated on a block's columns.
struct MetadataTest {
  let comparison: Comparison
  /// Operands of `in`, by type.
  private let ints: Set<Int64>
  private let floats: Set<Double>
  private let strings: [[UInt8]]
  private let bools: Set<Bool>

  init(_ comparison: Comparison) {
    self.comparison = comparison
    var ints: Set<Int64> = []
    var floats: Set<Double> = []
    var strings: [[UInt8]] = []
    var bools: Set<Bool> = []
    let scalars: [Scalar] =
      switch comparison {
      case .equal(let scalar), .contains(let scalar): [scalar]
      case .in(let scalars): scalars
      default: []
      }
    let isExactType = if case .contains = comparison { true } else { false }
    for scalar in scalars {
      switch scalar {
      case .bool(let flag): bools.insert(flag)
      case .string(let text): strings.append(Array(text.utf8))
      case .int(let whole):
        ints.insert(whole)
        if !isExactType, let number = Double(exactly: whole) { floats.insert(number) }
      case .float(let number):
        floats.insert(number)
        if !isExactType, let whole = Int64(exactly: number) { ints.insert(whole) }
      }
    }
    self.ints = ints
    self.floats = floats
    self.strings = strings
    self.bools = bools
  }

  func rows(of block: RecordBlock, key: String) -> BlockMask {
    var mask = BlockMask.none
    switch comparison {
    case .ordered(let order, let bound):
      for column in block.scalars[key] ?? [] { Self.compare(column, order, bound, &mask) }
    case .contains:
      for column in block.arrays[key] ?? [] { findMembersOfArrays(column, &mask) }
    default:
      for column in block.scalars[key] ?? [] { findMembers(column, &mask) }
    }
    return mask
  }

  private func findMembers(_ column: Column, _ mask: inout BlockMask) {
    func find<Element>(_ type: Element.Type, _ isBefore: (Element) -> Bool, _ isUpTo: (Element) -> Bool) {
      let start = column.partition(type, isBefore)
      column.insert(start..<max(start, column.partition(type, isUpTo)), into: &mask)
    }
    switch column.kind {
    case .bool:
      let split = column.partition(UInt8.self) { $0 == 0 }
      if bools.contains(false) { column.insert(0..<split, into: &mask) }
      if bools.contains(true) { column.insert(split..<column.count, into: &mask) }
    // Where there are nearly as many operands as values, each value is looked up instead.
    case .int where ints.count > column.count / 8: column.insertEach(Int64.self, into: &mask) { ints.contains($0) }
    case .float where floats.count > column.count / 8:
      column.insertEach(Double.self, into: &mask) { floats.contains($0) }
    case .int: for value in ints { find(Int64.self, { $0 < value }, { $0 <= value }) }
    case .float: for value in floats { find(Double.self, { $0 < value }, { $0 <= value }) }
    case .string:
      for text in strings {
        guard let code = text.withUnsafeBytes({ column.dictionary.index(of: $0) }) else { continue }
        find(UInt32.self, { $0 < code }, { $0 <= code })
      }
    }
  }

  private func findMembersOfArrays(_ column: Column, _ mask: inout BlockMask) {
    switch column.kind {
    case .bool:
      let (no, yes) = (bools.contains(false), bools.contains(true))
      if no || yes { column.scan(UInt8.self, into: &mask) { $0 == 0 ? no : yes } }
    case .int: column.scan(Int64.self, into: &mask) { ints.contains($0) }
    case .float: column.scan(Double.self, into: &mask) { floats.contains($0) }
    case .string:
      let codes = Set(
        strings.compactMap { text in
          text.withUnsafeBytes { column.dictionary.index(of: $0) }.map { UInt32(truncatingIfNeeded: $0) }
        })
      if !codes.isEmpty { column.scan(UInt32.self, into: &mask) { codes.contains($0) } }
    }
  }

  private static func compare(_ column: Column, _ order: Comparison.Order, _ bound: Scalar, _ mask: inout BlockMask) {
    switch (column.kind, bound) {
    case (.int, .int(let bound)):
      compare(column, order, Int64.self, limit: column.count, { $0 < bound }, { $0 <= bound }, &mask)
    case (.float, .float(let bound)):
      guard !bound.isNaN else { return }
      compare(column, order, Double.self, limit: column.numberCount, { $0 < bound }, { $0 <= bound }, &mask)
    case (.int, .float(let number)):
      guard !number.isNaN else { return }
      let (less, upTo) = (Comparison.ordered(.less, bound), Comparison.ordered(.lessOrEqual, bound))
      compare(
        column, order, Int64.self, limit: column.count, { less.matches(.int($0)) }, { upTo.matches(.int($0)) }, &mask)
    case (.float, .int):
      let (less, upTo) = (Comparison.ordered(.less, bound), Comparison.ordered(.lessOrEqual, bound))
      compare(
        column, order, Double.self, limit: column.numberCount, { less.matches(.float($0)) },
        { upTo.matches(.float($0)) }, &mask)
    default: break
    }
  }

  /// - Parameter limit: values that can be compared; the first ones.
  private static func compare<Element>(
    _ column: Column, _ order: Comparison.Order, _ type: Element.Type, limit: Int, _ isBefore: (Element) -> Bool,
    _ isUpTo: (Element) -> Bool, _ mask: inout BlockMask
  ) {
    switch order {
    case .less: column.insert(0..<column.partition(type, limit: limit, isBefore), into: &mask)
    case .lessOrEqual: column.insert(0..<column.partition(type, limit: limit, isUpTo), into: &mask)
    case .greater: column.insert(column.partition(type, limit: limit, isUpTo)..<limit, into: &mask)
    case .greaterOrEqual: column.insert(column.partition(type, limit: limit, isBefore)..<limit, into: &mask)
    }
  }
}
