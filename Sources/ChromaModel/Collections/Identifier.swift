/// The identity of a collection or database: 128 bits, written as a lower-case hyphenated UUID.
public struct Identifier: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// All zero: the default database.
  public static let zero = Identifier(high: 0, low: 0)

  /// A random UUID of version 4 (RFC 9562, section 5.4).
  public static func random() -> Identifier {
    var generator = SystemRandomNumberGenerator()
    return Identifier(
      high: (generator.next() & ~0xf000) | 0x4000, low: (generator.next() & 0x3fff_ffff_ffff_ffff) | 1 << 63)
  }

  /// Reads any spelling Chroma's server does: any case, with or without hyphens, in braces, as `urn:uuid:`.
  public init?(_ text: some StringProtocol) {
    var body = Substring(text)
    if body.hasPrefix("{"), body.hasSuffix("}") {
      body = body.dropFirst().dropLast()
    } else if body.lowercased().hasPrefix("urn:uuid:") {
      body = body.dropFirst(9)
    }
    let bytes = Array(body.utf8)
    guard bytes.count == 32 || bytes.count == 36 else { return nil }
    var value: (high: UInt64, low: UInt64) = (0, 0)
    for (index, byte) in bytes.enumerated() {
      if bytes.count == 36, [8, 13, 18, 23].contains(index) {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 128 else { return nil }
      value.high = value.high << 4 | value.low >> 60
      value.low = value.low << 4 | UInt64(digit)
    }
    self.init(high: value.high, low: value.low)
  }

  public var description: String {
    let digits: StaticString = "0123456789abcdef"
    var bytes: [UInt8] = []
    bytes.reserveCapacity(36)
    for index in 0..<32 {
      if [8, 12, 16, 20].contains(index) { bytes.append(UInt8(ascii: "-")) }
      let word = index < 16 ? high : low
      let nibble = Int(truncatingIfNeeded: word >> UInt64((15 - index % 16) * 4)) & 15
      bytes.append(digits.utf8Start[nibble])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  public static func < (left: Identifier, right: Identifier) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}
