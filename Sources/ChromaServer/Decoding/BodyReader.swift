import ChromaModel

/// Reads a request body as the fields a route knows, in one pass, with errors in the words of Chroma's server.
///
/// What is not JSON is `malformedJSON`, what is JSON of the wrong shape `unprocessable` with the path; whichever comes
/// first in the text counts. Borrows the bytes.
struct BodyReader: ~Copyable {
  var cursor: JSONCursor
  private let base: UnsafePointer<UInt8>
  private let count: Int

  /// - Parameter base: `count` bytes with ``JSONCursor/slack`` zeros behind them.
  init(_ base: UnsafePointer<UInt8>, count: Int) {
    self.base = base
    self.count = count
    cursor = JSONCursor(base, count: count)
  }

  /// Bytes not read yet.
  var remaining: Int { count - cursor.offset }

  /// `error` as the client sees it, with line and column as serde counts them.
  func malformed(_ error: JSONError) -> ChromaError {
    var line = 1
    var column = 0
    for index in 0..<min(error.offset, count) {
      if base[index] == UInt8(ascii: "\n") {
        line += 1
        column = 0
      } else {
        column += 1
      }
    }
    return .notJSON("\(error.reason) at line \(line) column \(column)")
  }

  /// Runs `body` on the cursor; what is not JSON becomes a ``ChromaError``.
  mutating func json<Value>(
    _ body: (inout JSONCursor) throws(JSONError) -> Value
  ) throws(ChromaError) -> Value {
    do { return try body(&cursor) } catch { throw malformed(error) }
  }

  mutating func end() throws(ChromaError) { try json { (cursor) throws(JSONError) in try cursor.end() } }

  /// The complaint about a value of the wrong kind at hand, or about its not being a value at all.
  mutating func mismatch(_ path: String, expected: String) -> ChromaError {
    do {
      let value = try cursor.value()
      return .shape(path, "invalid type: \(value.kind), expected \(expected)")
    } catch {
      return malformed(error)
    }
  }

  /// The complaint of a choice between shapes of which none fits.
  mutating func noVariant(_ path: String, of type: String) -> ChromaError {
    do {
      try cursor.skipValue()
      return .shape(path, "data did not match any variant of untagged enum \(type)")
    } catch {
      return malformed(error)
    }
  }

  // MARK: Objects and arrays

  /// Reads an object member by member; those not among `fields` are passed over.
  ///
  /// - Parameter read: gets the index of the member in `fields`.
  /// - Throws: `unprocessable` when a member of `fields` comes twice, or one of `required` not at all.
  mutating func object(
    _ name: String, fields: [String], required: [String],
    read: (inout BodyReader, Int) throws(ChromaError) -> Void
  ) throws(ChromaError) {
    guard cursor.peek() == UInt8(ascii: "{") else { throw mismatch("", expected: "struct \(name)") }
    _ = cursor.take(UInt8(ascii: "{"))
    var seen: UInt64 = 0
    if !cursor.take(UInt8(ascii: "}")) {
      repeat {
        let key = try json { (cursor) throws(JSONError) in
          let key = try cursor.string()
          try cursor.expect(UInt8(ascii: ":"))
          return key
        }
        guard let index = fields.firstIndex(where: { $0.utf8.elementsEqual(key.utf8) }) else {
          try json { (cursor) throws(JSONError) in try cursor.skipValue() }
          continue
        }
        guard seen & (1 << UInt64(index)) == 0 else { throw .shape("", "duplicate field `\(key)`") }
        seen |= 1 << UInt64(index)
        try read(&self, index)
      } while cursor.take(UInt8(ascii: ","))
      try json { (cursor) throws(JSONError) in try cursor.expect(UInt8(ascii: "}")) }
    }
    for name in required {
      guard let index = fields.firstIndex(of: name), seen & (1 << UInt64(index)) != 0 else {
        throw .shape("", "missing field `\(name)`")
      }
    }
  }

  /// Reads an array element by element.
  mutating func array(
    _ path: String, read: (inout BodyReader, Int) throws(ChromaError) -> Void
  ) throws(ChromaError) {
    guard cursor.peek() == UInt8(ascii: "[") else { throw mismatch(path, expected: "a sequence") }
    _ = cursor.take(UInt8(ascii: "["))
    if cursor.take(UInt8(ascii: "]")) { return }
    var index = 0
    repeat {
      try read(&self, index)
      index += 1
    } while cursor.take(UInt8(ascii: ","))
    try json { (cursor) throws(JSONError) in try cursor.expect(UInt8(ascii: "]")) }
  }

  mutating func takeNull() throws(ChromaError) -> Bool {
    try json { (cursor) throws(JSONError) in try cursor.takeNull() }
  }

  // MARK: Scalars

  mutating func string(_ path: @autoclosure () -> String) throws(ChromaError) -> String {
    guard cursor.peek() == UInt8(ascii: "\"") else { throw mismatch(path(), expected: "a string") }
    return try json { (cursor) throws(JSONError) in try cursor.string() }
  }

  mutating func strings(_ path: String) throws(ChromaError) -> [String] {
    var strings: [String] = []
    try array(path) { (reader, index) throws(ChromaError) in
      strings.append(try reader.string("\(path)[\(index)]"))
    }
    return strings
  }

  mutating func optionalStrings(_ path: String) throws(ChromaError) -> [String?] {
    var strings: [String?] = []
    try array(path) { (reader, index) throws(ChromaError) in
      strings.append(try reader.takeNull() ? nil : try reader.string("\(path)[\(index)]"))
    }
    return strings
  }

  mutating func bool(_ path: String) throws(ChromaError) -> Bool {
    switch cursor.peek() {
    case UInt8(ascii: "t"), UInt8(ascii: "f"):
      if case .bool(let flag) = try value() { return flag }
      throw .shape(path, "expected a boolean")
    default: throw mismatch(path, expected: "a boolean")
    }
  }

  /// A whole number of 32 bits without sign.
  mutating func count(_ path: String) throws(ChromaError) -> Int {
    let value = try value()
    guard case .int(let whole) = value else {
      throw .shape(path, "invalid type: \(value.kind), expected u32")
    }
    guard let count = UInt32(exactly: whole) else {
      throw .shape(path, "invalid value: integer `\(whole)`, expected u32")
    }
    return Int(count)
  }

  mutating func value() throws(ChromaError) -> JSONValue {
    try json { (cursor) throws(JSONError) in try cursor.value() }
  }

  /// - Parameter dialect: clients before 1.0 may ask for `data`, which they load themselves.
  mutating func include(_ path: String, _ dialect: Dialect) throws(ChromaError) -> [Include] {
    var include: [Include] = []
    try array(path) { (reader, index) throws(ChromaError) in
      let text = try reader.string("\(path)[\(index)]")
      if dialect.isClassic, text == "data" { return }
      guard let column = Include(rawValue: text) else {
        throw .shape(
          "\(path)[\(index)]",
          "unknown variant `\(text)`, expected one of `distances`, `documents`, `embeddings`, `metadatas`, `uris`")
      }
      include.append(column)
    }
    return include
  }
}
