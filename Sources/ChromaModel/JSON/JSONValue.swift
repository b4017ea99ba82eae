/// Any JSON value, with whole numbers and fractions kept apart: Chroma's metadata `2` and `2.0` are different values.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number written without fraction or exponent that fits 64 signed bits.
  case int(Int64)
  /// Every other number.
  case double(Double)
  case string(String)
  case array([JSONValue])
  /// Of a key given twice the last value counts.
  case object([String: JSONValue])

  public var isNull: Bool { self == .null }

  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  /// The value's kind, in the words error messages use.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "boolean `\(value)`"
    case .int(let value): "integer `\(value)`"
    case .double(let value): "floating point `\(value)`"
    case .string(let value): "string \"\(value.prefix(64))\""
    case .array: "sequence"
    case .object: "map"
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}

extension JSONValue {
  /// Parses one JSON text.
  ///
  /// - Throws: ``JSONError`` naming the byte where it stopped.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  public init(parsing bytes: [UInt8]) throws(JSONError) {
    let padded = bytes + [UInt8](repeating: 0, count: JSONCursor.slack)
    self = try padded.withUnsafeBufferPointer { (buffer) throws(JSONError) -> JSONValue in
      guard let base = buffer.baseAddress else { throw JSONError(offset: 0, reason: "EOF while parsing a value") }
      var cursor = JSONCursor(base, count: bytes.count)
      let value = try cursor.value()
      try cursor.end()
      return value
    }
  }

  /// The value as JSON text, members in the order of their keys.
  public var text: String {
    var writer = JSONWriter()
    writer.write(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

/// Where and why a text is not JSON.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Bytes from the start.
  public var offset: Int
  public var reason: String

  public init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  public var description: String { "\(reason) at byte \(offset)" }
}
