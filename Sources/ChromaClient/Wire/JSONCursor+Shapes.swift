import ChromaModel

extension JSONCursor {
  /// Reads an object member by member; `read` must consume the value.
  mutating func members(_ read: (inout JSONCursor, String) throws(JSONError) -> Void) throws(JSONError) {
    try expect(UInt8(ascii: "{"))
    if take(UInt8(ascii: "}")) { return }
    repeat {
      let name = try string()
      try expect(UInt8(ascii: ":"))
      try read(&self, name)
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
  }

  /// Reads an array element by element; `read` must consume each.
  mutating func elements(_ read: (inout JSONCursor) throws(JSONError) -> Void) throws(JSONError) {
    try expect(UInt8(ascii: "["))
    if take(UInt8(ascii: "]")) { return }
    repeat { try read(&self) } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
  }

  mutating func list<Element>(
    _ read: (inout JSONCursor) throws(JSONError) -> Element
  ) throws(JSONError) -> [Element] {
    var list: [Element] = []
    try elements { (cursor) throws(JSONError) in list.append(try read(&cursor)) }
    return list
  }

  /// A list, or `nil` for null.
  mutating func optionalList<Element>(
    _ read: (inout JSONCursor) throws(JSONError) -> Element
  ) throws(JSONError) -> [Element]? {
    try takeNull() ? nil : try list(read)
  }

  mutating func optionalString() throws(JSONError) -> String? { try takeNull() ? nil : try string() }

  func problem(_ reason: String) -> JSONError { JSONError(offset: offset, reason: reason) }

  mutating func int() throws(JSONError) -> Int {
    guard case .int(let whole) = try value(), let count = Int(exactly: whole) else {
      throw problem("expected a whole number")
    }
    return count
  }
}
