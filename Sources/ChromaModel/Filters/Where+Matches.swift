extension Where {
  /// Whether a record with this metadata and document passes: the definition of the language.
  public func matches(metadata: Metadata, document: String?) -> Bool {
    switch self {
    case .and(let operands): operands.allSatisfy { $0.matches(metadata: metadata, document: document) }
    case .or(let operands): operands.contains { $0.matches(metadata: metadata, document: document) }
    case .metadata(let key, let comparison): comparison.matches(metadata[key])
    case .document(let test): test.matches(document)
    }
  }
}

extension Comparison {
  public func matches(_ value: MetadataValue?) -> Bool {
    switch self {
    case .equal(let scalar): scalar.equals(value)
    case .notEqual(let scalar): !scalar.equals(value)
    case .in(let scalars): scalars.contains { $0.equals(value) }
    case .notIn(let scalars): !scalars.contains { $0.equals(value) }
    case .contains(let scalar): scalar.isElement(of: value)
    case .notContains(let scalar): !scalar.isElement(of: value)
    case .ordered(let order, let scalar):
      switch (value, scalar) {
      case (.int(let left)?, .int(let right)): order.holds(left, right)
      case (.float(let left)?, .float(let right)): order.holds(left, right)
      case (.int(let left)?, .float(let right)): order.holds(exactly: left, right)
      case (.float(let left)?, .int(let right)): order.reversed.holds(exactly: right, left)
      default: false
      }
    }
  }
}

extension Comparison.Order {
  func holds<T: Comparable>(_ left: T, _ right: T) -> Bool {
    switch self {
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }

  /// Compares without rounding `whole` to a Double (2^53 + 1 is greater than 2^53).
  func holds(exactly whole: Int64, _ number: Double) -> Bool {
    switch Scalar.compare(whole, number) {
    case nil: false
    case let sign?: holds(sign, 0)
    }
  }

  /// The same order with its sides exchanged.
  var reversed: Self {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }
}

extension Scalar {
  /// Sign of `whole - number` without rounding; `nil` for NaN.
  package static func compare(_ whole: Int64, _ number: Double) -> Int? {
    if number.isNaN { return nil }
    if number >= 0x1p63 { return -1 }
    if number < -0x1p63 { return 1 }
    let floor = number.rounded(.down)
    let truncated = Int64(floor)
    if whole != truncated { return whole < truncated ? -1 : 1 }
    return floor < number ? -1 : 0
  }

  func equals(_ value: MetadataValue?) -> Bool {
    switch (self, value) {
    case (.bool(let left), .bool(let right)?): left == right
    case (.string(let left), .string(let right)?): left.unicodeScalarsEqual(right)
    case (.int(let left), .int(let right)?): left == right
    case (.float(let left), .float(let right)?): left == right
    case (.int(let left), .float(let right)?): Self.compare(left, right) == 0
    case (.float(let left), .int(let right)?): Self.compare(right, left) == 0
    default: false
    }
  }

  func isElement(of value: MetadataValue?) -> Bool {
    switch (self, value) {
    case (.bool(let scalar), .bools(let array)?): array.contains(scalar)
    case (.int(let scalar), .ints(let array)?): array.contains(scalar)
    case (.float(let scalar), .floats(let array)?): array.contains(scalar)
    case (.string(let scalar), .strings(let array)?): array.contains { scalar.unicodeScalarsEqual($0) }
    default: false
    }
  }
}

extension DocumentTest {
  public func matches(_ document: String?) -> Bool {
    switch self {
    case .contains(let needle): document.map { $0.utf8Contains(needle) } ?? false
    case .notContains(let needle): !(document.map { $0.utf8Contains(needle) } ?? false)
    case .matches(let pattern): document.map { pattern.matches($0) } ?? false
    case .doesNotMatch(let pattern): !(document.map { pattern.matches($0) } ?? false)
    }
  }
}

extension String {
  /// Equality of code points: Swift's `==` would hold composed and decomposed letters equal, Chroma does not.
  package func unicodeScalarsEqual(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }

  /// Whether `needle`'s bytes occur in this text, without normalisation or case folding.
  func utf8Contains(_ needle: String) -> Bool {
    let text = Array(utf8)
    let pattern = Array(needle.utf8)
    guard pattern.count <= text.count else { return false }
    return (0...(text.count - pattern.count)).contains { text[$0..<($0 + pattern.count)].elementsEqual(pattern) }
  }
}
