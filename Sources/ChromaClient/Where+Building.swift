public import ChromaModel

// Tests of records, written as they read:
//
//     try await notes.get(where: .key("year") >= 2020 && .document(contains: "owl"))

/// What a field of metadata can be compared with.
public protocol ScalarConvertible: Sendable {
  var scalar: Scalar { get }
}

/// What has an order: numbers.
public protocol NumericScalarConvertible: ScalarConvertible {}

extension String: ScalarConvertible {
  public var scalar: Scalar { .string(self) }
}

extension Bool: ScalarConvertible {
  public var scalar: Scalar { .bool(self) }
}

extension Int: NumericScalarConvertible {
  public var scalar: Scalar { .int(Int64(self)) }
}

extension Int64: NumericScalarConvertible {
  public var scalar: Scalar { .int(self) }
}

extension Double: NumericScalarConvertible {
  public var scalar: Scalar { .float(self) }
}

extension Where {
  /// A key of metadata, on its way to becoming a test. Numbers compare by value, whole or not; text, bools and numbers
  /// are never equal to one another.
  public struct Key: Sendable {
    let name: String

    /// The same key; lets an operator's left side begin with `.key`.
    public static func key(_ name: String) -> Key { Key(name: name) }

    /// Equal to one of the values.
    public func isIn<Value: ScalarConvertible>(_ values: [Value]) -> Where {
      .metadata(key: name, .in(values.map(\.scalar)))
    }

    /// Equal to none of the values, or not there.
    public func isNotIn<Value: ScalarConvertible>(_ values: [Value]) -> Where {
      .metadata(key: name, .notIn(values.map(\.scalar)))
    }

    /// A list that holds the value, of the same type: 1 is not in `[1.0]`.
    public func contains<Value: ScalarConvertible>(_ value: Value) -> Where {
      .metadata(key: name, .contains(value.scalar))
    }

    /// A list that does not hold the value, no list, or not there.
    public func doesNotContain<Value: ScalarConvertible>(_ value: Value) -> Where {
      .metadata(key: name, .notContains(value.scalar))
    }

    public static func == <Value: ScalarConvertible>(key: Key, value: Value) -> Where {
      .metadata(key: key.name, .equal(value.scalar))
    }

    /// Also records without the key.
    public static func != <Value: ScalarConvertible>(key: Key, value: Value) -> Where {
      .metadata(key: key.name, .notEqual(value.scalar))
    }

    public static func < <Value: NumericScalarConvertible>(key: Key, value: Value) -> Where {
      .metadata(key: key.name, .ordered(.less, value.scalar))
    }

    public static func <= <Value: NumericScalarConvertible>(key: Key, value: Value) -> Where {
      .metadata(key: key.name, .ordered(.lessOrEqual, value.scalar))
    }

    public static func > <Value: NumericScalarConvertible>(key: Key, value: Value) -> Where {
      .metadata(key: key.name, .ordered(.greater, value.scalar))
    }

    public static func >= <Value: NumericScalarConvertible>(key: Key, value: Value) -> Where {
      .metadata(key: key.name, .ordered(.greaterOrEqual, value.scalar))
    }
  }

  public static func key(_ name: String) -> Key { Key(name: name) }

  /// The document holds the text, letter for letter.
  public static func document(contains text: String) -> Where { .document(.contains(text)) }

  /// The document does not hold the text, or there is none.
  public static func document(notContaining text: String) -> Where { .document(.notContains(text)) }

  /// The pattern occurs in the document.
  ///
  /// - Throws: `invalidArgument` when it is no pattern: see ``RegularExpression``.
  public static func document(matching pattern: String) throws(ChromaError) -> Where {
    .document(.matches(try regularExpression(pattern)))
  }

  /// The pattern does not occur in the document, or there is none.
  ///
  /// - Throws: `invalidArgument` when it is no pattern: see ``RegularExpression``.
  public static func document(notMatching pattern: String) throws(ChromaError) -> Where {
    .document(.doesNotMatch(try regularExpression(pattern)))
  }

  private static func regularExpression(_ pattern: String) throws(ChromaError) -> RegularExpression {
    do { return try RegularExpression(pattern) } catch { throw .invalid(error.message) }
  }

  public static func && (left: Where, right: Where) -> Where {
    .and(left.operands(ofAnd: true) + right.operands(ofAnd: true))
  }

  public static func || (left: Where, right: Where) -> Where {
    .or(left.operands(ofAnd: false) + right.operands(ofAnd: false))
  }

  /// Those of a test of the same kind, so that a chain of them is one level deep.
  private func operands(ofAnd isAnd: Bool) -> [Where] {
    switch self {
    case .and(let operands) where isAnd: operands
    case .or(let operands) where !isAnd: operands
    default: [self]
    }
  }
}
