extension JSONCursor {
  /// A JSON string with its escapes resolved.
  ///
  /// - Throws: on bytes that are not UTF-8, control characters, unknown escapes and surrogates without their partner.
  public mutating func string() throws(JSONError) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw failure("expected a string") }
    let start = position + 1
    guard let end = scanPlain(from: start) else { return try stringWithEscapes() }
    let bytes = UnsafeBufferPointer(start: start, count: end - start)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("invalid unicode code point") }
    position = end + 1
    return text
  }

  /// The raw bytes of a string that holds no escape, or `nil` (nothing consumed) when it does: for base64 and for
  /// field names, where no copy is wanted. The bytes are *not* checked to be UTF-8.
  public mutating func plainString() -> UnsafeBufferPointer<UInt8>? {
    guard peek() == UInt8(ascii: "\"") else { return nil }
    let start = position + 1
    guard let end = scanPlain(from: start) else { return nil }
    position = end + 1
    return UnsafeBufferPointer(start: start, count: end - start)
  }

  /// The closing quote of a string without escapes and control characters, eight bytes at a time.
  private func scanPlain(from start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var p = start
    while p + 8 <= limit {
      let word = UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)
      let quote = word ^ (ones &* 0x22)
      let escape = word ^ (ones &* 0x5c)
      // A byte below 0x20, a quote or a backslash sets its high bit (Hacker's Delight, "find first zero byte").
      let stop =
        ((quote &- ones) & ~quote) | ((escape &- ones) & ~escape) | ((word &- (ones &* 0x20)) & ~word)
      if stop & highs != 0 {
        p += (stop & highs).trailingZeroBitCount >> 3
        break
      }
      p += 8
    }
    while p < limit {
      switch p[0] {
      case 0x22: return p
      case 0x5c, 0..<0x20: return nil
      default: p += 1
      }
    }
    return nil
  }

  private mutating func stringWithEscapes() throws(JSONError) -> String {
    position += 1
    var bytes: [UInt8] = []
    while position < limit {
      let byte = position[0]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("invalid unicode code point") }
        return text
      case UInt8(ascii: "\\"):
        position += 1
        try appendEscape(to: &bytes)
      case 0..<0x20: throw failure("control character (\\u0000-\\u001F) found while parsing a string")
      default:
        bytes.append(byte)
        position += 1
      }
    }
    throw failure("a string without its closing quote")
  }

  private mutating func appendEscape(to bytes: inout [UInt8]) throws(JSONError) {
    let letter = position[0]
    guard position < limit else { throw failure("a string without its closing quote") }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0c)
    case UInt8(ascii: "n"): bytes.append(0x0a)
    case UInt8(ascii: "r"): bytes.append(0x0d)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexQuad()
      if (0xd800..<0xdc00).contains(code) {
        guard position[0] == UInt8(ascii: "\\"), position[1] == UInt8(ascii: "u") else {
          throw failure("unexpected end of hex escape: lone leading surrogate")
        }
        position += 2
        let low = try hexQuad()
        guard (0xdc00..<0xe000).contains(low) else { throw failure("lone leading surrogate in hex escape") }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
      }
      guard let scalar = UnicodeScalar(code) else { throw failure("lone trailing surrogate in hex escape") }
      bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
    default:
      position -= 1
      throw failure("invalid escape")
    }
  }

  private mutating func hexQuad() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      let digit: UInt32
      switch position[0] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(position[0] - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt32(position[0] - UInt8(ascii: "a")) + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt32(position[0] - UInt8(ascii: "A")) + 10
      default: throw failure("invalid escape")
      }
      code = code << 4 | digit
      position += 1
    }
    return code
  }
}
