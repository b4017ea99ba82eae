import Crypto

/// What is kept of a token: its SHA-256. A token is long and random, so that its digest gives nothing away.
package struct TokenDigest: Sendable, Hashable {
  let bytes: [UInt8]

  package init(of token: String) { bytes = Array(SHA256.hash(data: Array(token.utf8))) }

  /// Reads `sha256:` and 64 hexadecimal digits.
  package init?(_ text: String) {
    guard text.hasPrefix(Self.prefix) else { return nil }
    let digits = Array(text.utf8.dropFirst(Self.prefix.utf8.count))
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    self.bytes = bytes
  }

  /// `sha256:` and 64 hexadecimal digits.
  package var text: String { Self.prefix + bytes.hexadecimal }

  private static let prefix = "sha256:"

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x61 + 10
    case 0x41...0x46: digit - 0x41 + 10
    default: nil
    }
  }
}

/// A token nobody can guess: `chroma_` and 64 hexadecimal digits, 256 random bits.
package func makeRandomToken() -> String {
  var generator = SystemRandomNumberGenerator()
  let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  return "chroma_" + bytes.hexadecimal
}

extension Sequence<UInt8> {
  /// Lower case.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
