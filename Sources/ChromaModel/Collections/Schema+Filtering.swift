extension Schema {
  /// The scalar types an index can be kept for; arrays count as their elements.
  enum ScalarType: String { case string = "Str", int = "Int", float = "Float", bool = "Bool" }

  /// Notes the keys and types of a record's metadata that are new.
  /// - Returns: whether anything was.
  @discardableResult
  public mutating func discover(_ metadata: Metadata) -> Bool {
    var isNew = false
    for (key, value) in metadata where !key.hasPrefix("chroma:") {
      guard let slot = Self.slot(of: value), keys[key]?[keyPath: slot] == nil else { continue }
      keys[key, default: ValueTypes()][keyPath: slot] = defaults[keyPath: slot] ?? true
      isNew = true
    }
    return isNew
  }

  private static func slot(of value: MetadataValue) -> WritableKeyPath<ValueTypes, Bool?>? {
    switch value {
    case .bool, .bools: \.bool
    case .int, .ints: \.int
    case .float, .floats: \.float
    case .string, .strings: \.string
    case .sparseVector: nil
    }
  }

  private func isEnabled(_ type: ScalarType, for key: String) -> Bool {
    let slot: KeyPath<ValueTypes, Bool?> =
      switch type {
      case .string: \.string
      case .int: \.int
      case .float: \.float
      case .bool: \.bool
      }
    return keys[key]?[keyPath: slot] ?? defaults[keyPath: slot] ?? true
  }

  /// Refuses a filter on what the schema keeps no index for.
  ///
  /// - Throws: `invalidArgument` that names the key and the type.
  public func check(_ filter: Where) throws(ChromaError) {
    switch filter {
    case .and(let operands), .or(let operands):
      for operand in operands { try check(operand) }
    case .document:
      guard keys[Self.documentKey]?.fullText ?? true else {
        throw .invalid("Cannot filter using full-text search because FTS indexing is disabled")
      }
    case .metadata(let key, let comparison):
      for type in comparison.types where !isEnabled(type, for: key) {
        throw .invalid(
          "Cannot filter using metadata key '\(key)' with type '\(type.rawValue)' because indexing is disabled")
      }
    }
  }
}

extension Comparison {
  /// Types of the operands, each once.
  fileprivate var types: [Schema.ScalarType] {
    switch self {
    case .equal(let scalar), .notEqual(let scalar), .ordered(_, let scalar), .contains(let scalar),
      .notContains(let scalar):
      [scalar.type]
    case .in(let scalars), .notIn(let scalars): scalars.first.map { [$0.type] } ?? []
    }
  }
}

extension Scalar {
  fileprivate var type: Schema.ScalarType {
    switch self {
    case .bool: .bool
    case .int: .int
    case .float: .float
    case .string: .string
    }
  }
}
