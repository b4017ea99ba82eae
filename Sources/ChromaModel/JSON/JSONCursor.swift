/// Reads JSON from bytes, one token at a time, without building anything the caller does not ask for.
///
/// The memory must hold ``slack`` zero bytes behind the text: they end every scanning loop, so that none needs a
/// bounds check. The cursor borrows the memory; it must outlive the cursor. Strings are checked to be UTF-8.
public struct JSONCursor: ~Copyable {
  /// Zero bytes that must follow the text.
  public static let slack = 16
  /// Arrays and objects inside one another; one more is an error.
  public static let maximumDepth = 128

  @usableFromInline var position: UnsafePointer<UInt8>
  @usableFromInline let base: UnsafePointer<UInt8>
  @usableFromInline let limit: UnsafePointer<UInt8>

  public init(_ base: UnsafePointer<UInt8>, count: Int) {
    self.base = base
    position = base
    limit = base + count
  }

  public var offset: Int { position - base }

  func failure(_ reason: String) -> JSONError {
    JSONError(offset: offset, reason: position >= limit ? "EOF while parsing: \(reason)" : reason)
  }

  @inline(__always)
  public mutating func skipWhitespace() {
    while true {
      switch position[0] {
      case 0x20, 0x0a, 0x0d, 0x09: position += 1
      default: return
      }
    }
  }

  /// The next byte that is not white space; 0 at the end.
  @inline(__always)
  public mutating func peek() -> UInt8 {
    skipWhitespace()
    return position[0]
  }

  /// Steps over `byte` if it comes next.
  @inline(__always)
  public mutating func take(_ byte: UInt8) -> Bool {
    skipWhitespace()
    guard position[0] == byte, position < limit else { return false }
    position += 1
    return true
  }

  public mutating func expect(_ byte: UInt8) throws(JSONError) {
    guard take(byte) else { throw failure("expected `\(Character(UnicodeScalar(byte)))`") }
  }

  /// Succeeds when nothing but white space is left.
  public mutating func end() throws(JSONError) {
    skipWhitespace()
    guard position >= limit else { throw JSONError(offset: offset, reason: "trailing characters") }
  }

  mutating func literal(_ word: StaticString) throws(JSONError) {
    let count = word.utf8CodeUnitCount
    guard limit - position >= count else { throw failure("expected value") }
    for index in 0..<count where position[index] != word.utf8Start[index] { throw failure("expected value") }
    position += count
  }

  /// Steps over `null` if it comes next.
  public mutating func takeNull() throws(JSONError) -> Bool {
    guard peek() == UInt8(ascii: "n") else { return false }
    try literal("null")
    return true
  }

  public mutating func value() throws(JSONError) -> JSONValue { try value(depth: 0) }

  mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth < Self.maximumDepth else { throw failure("recursion limit exceeded") }
    switch peek() {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"):
      var members: [String: JSONValue] = [:]
      position += 1
      if take(UInt8(ascii: "}")) { return .object(members) }
      repeat {
        let key = try string()
        try expect(UInt8(ascii: ":"))
        members[key] = try value(depth: depth + 1)
      } while take(UInt8(ascii: ","))
      try expect(UInt8(ascii: "}"))
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      position += 1
      if take(UInt8(ascii: "]")) { return .array(elements) }
      repeat { elements.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
      try expect(UInt8(ascii: "]"))
      return .array(elements)
    case UInt8(ascii: "t"):
      try literal("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try literal("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try number()
    default: throw failure("expected value")
    }
  }

  /// Steps over one value of any kind, checking that it is one.
  public mutating func skipValue() throws(JSONError) { try skipValue(depth: 0) }

  mutating func skipValue(depth: Int) throws(JSONError) {
    guard depth < Self.maximumDepth else { throw failure("recursion limit exceeded") }
    switch peek() {
    case UInt8(ascii: "{"):
      position += 1
      if take(UInt8(ascii: "}")) { return }
      repeat {
        _ = try string()
        try expect(UInt8(ascii: ":"))
        try skipValue(depth: depth + 1)
      } while take(UInt8(ascii: ","))
      try expect(UInt8(ascii: "}"))
    case UInt8(ascii: "["):
      position += 1
      if take(UInt8(ascii: "]")) { return }
      repeat { try skipValue(depth: depth + 1) } while take(UInt8(ascii: ","))
      try expect(UInt8(ascii: "]"))
    default: _ = try value(depth: depth)
    }
  }
}
