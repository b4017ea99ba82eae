internal import ChromaModel

/// One positive comparison, evaluated on a block's columns.
struct MetadataTest {
  let comparison: Comparison
  /// Operands of `in`, by type, for one pass over a column however many they are.
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
      for column in block.arrays[key] ?? [] { findMembers(column, &mask) }
    default:
      for column in block.scalars[key] ?? [] { findMembers(column, &mask) }
    }
    return mask
  }

  private func findMembers(_ column: Column, _ mask: inout BlockMask) {
    switch column.kind {
    case .bool:
      let (no, yes) = (bools.contains(false), bools.contains(true))
      if no || yes { column.scan(UInt8.self, into: &mask) { $0 == 0 ? no : yes } }
    case .int:
      if ints.count == 1, let only = ints.first {
        column.scan(Int64.self, into: &mask) { $0 == only }
      } else if !ints.isEmpty {
        column.scan(Int64.self, into: &mask) { ints.contains($0) }
      }
    case .float:
      if floats.count == 1, let only = floats.first {
        column.scan(Double.self, into: &mask) { $0 == only }
      } else if !floats.isEmpty {
        column.scan(Double.self, into: &mask) { floats.contains($0) }
      }
    case .string:
      let codes = strings.compactMap { text in text.withUnsafeBytes { column.dictionary.index(of: $0) } }
      if codes.count == 1, let only = codes.first.map(UInt32.init) {
        column.scan(UInt32.self, into: &mask) { $0 == only }
      } else if !codes.isEmpty {
        let wanted = Set(codes.map(UInt32.init))
        column.scan(UInt32.self, into: &mask) { wanted.contains($0) }
      }
    }
  }

  private static func compare(_ column: Column, _ order: Comparison.Order, _ bound: Scalar, _ mask: inout BlockMask) {
    switch (column.kind, bound) {
    case (.int, .int(let bound)):
      switch order {
      case .less: column.scan(Int64.self, into: &mask) { $0 < bound }
      case .lessOrEqual: column.scan(Int64.self, into: &mask) { $0 <= bound }
      case .greater: column.scan(Int64.self, into: &mask) { $0 > bound }
      case .greaterOrEqual: column.scan(Int64.self, into: &mask) { $0 >= bound }
      }
    case (.float, .float(let bound)):
      switch order {
      case .less: column.scan(Double.self, into: &mask) { $0 < bound }
      case .lessOrEqual: column.scan(Double.self, into: &mask) { $0 <= bound }
      case .greater: column.scan(Double.self, into: &mask) { $0 > bound }
      case .greaterOrEqual: column.scan(Double.self, into: &mask) { $0 >= bound }
      }
    case (.int, .float):
      let test = Comparison.ordered(order, bound)
      column.scan(Int64.self, into: &mask) { test.matches(.int($0)) }
    case (.float, .int):
      let test = Comparison.ordered(order, bound)
      column.scan(Double.self, into: &mask) { test.matches(.float($0)) }
    default: break
    }
  }
}
