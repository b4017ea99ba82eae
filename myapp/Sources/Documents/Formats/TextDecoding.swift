import Foundation

/// Bytes to text: by byte order mark, by a declared charset, by what the bytes look like.
enum TextDecoding {
  /// The text with lines ended by `\n` and without control characters.
  ///
  /// - Parameter charset: what the file or its sender declares; one that is unknown, or that the bytes disprove, is
  ///   passed over.
  /// - Throws: `.damaged` when the bytes are no text.
  static func decode(_ bytes: [UInt8], name: String, charset: String? = nil) throws(DocumentError) -> String {
    if let kind = Magic.name(of: bytes) {
      throw .damaged(reason: "\(name) is no text: its bytes are those of \(kind). Give it its right extension.")
    }
    if let text = byMark(bytes) { return normalize(text) }
    if let charset, let text = declared(bytes, charset: charset) { return normalize(text) }
    if let text = wideWithoutMark(bytes) { return normalize(text) }
    guard !looksBinary(bytes) else {
      throw .damaged(reason: "\(name) is no text: it holds bytes that occur in no text, such as zeros.")
    }
    return normalize(isMostlyUTF8(bytes) ? String(decoding: bytes, as: UTF8.self) : windows1252(bytes[...]))
  }

  // MARK: Marks and declarations

  private static func byMark(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return String(decoding: bytes.dropFirst(3), as: UTF8.self) }
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      return String(bytes: bytes, encoding: .utf32)
    }
    if bytes.starts(with: [0xFF, 0xFE]) { return utf16(bytes.dropFirst(2), bigEndian: false) }
    if bytes.starts(with: [0xFE, 0xFF]) { return utf16(bytes.dropFirst(2), bigEndian: true) }
    return nil
  }

  private static func declared(_ bytes: [UInt8], charset: String) -> String? {
    let name = charset.lowercased().filter { $0.isLetter || $0.isNumber }
    switch name {
    case "utf8": return isMostlyUTF8(bytes) && !looksBinary(bytes) ? String(decoding: bytes, as: UTF8.self) : nil
    case "utf16le": return utf16(bytes[...], bigEndian: false)
    case "utf16be": return utf16(bytes[...], bigEndian: true)
    // As browsers do: the pages that say Latin-1 are written in its Windows superset.
    case "iso88591", "latin1", "windows1252", "cp1252", "usascii", "ascii", "iso885915":
      return looksBinary(bytes) || (bytes.contains { $0 >= 0x80 } && isUTF8(bytes)) ? nil : windows1252(bytes[...])
    default:
      guard let encoding = encodings[name], !looksBinary(bytes) else { return nil }
      return String(bytes: bytes, encoding: encoding)
    }
  }

  private static let encodings: [String: String.Encoding] = [
    "shiftjis": .shiftJIS, "sjis": .shiftJIS, "xsjis": .shiftJIS, "eucjp": .japaneseEUC, "iso2022jp": .iso2022JP,
    "iso88592": .isoLatin2, "latin2": .isoLatin2, "windows1250": .windowsCP1250, "windows1251": .windowsCP1251,
    "windows1253": .windowsCP1253, "windows1254": .windowsCP1254,
  ]

  // MARK: Looks

  /// UTF-16 of mostly Latin text: every second byte is zero.
  private static func wideWithoutMark(_ bytes: [UInt8]) -> String? {
    let sample = bytes.prefix(4096)
    guard sample.count >= 8, bytes.count % 2 == 0 else { return nil }
    var zeros = [0, 0]
    for (index, byte) in sample.enumerated() where byte == 0 { zeros[index % 2] += 1 }
    let half = sample.count / 2
    if zeros[1] * 10 >= half * 7, zeros[0] * 20 <= half { return utf16(bytes[...], bigEndian: false) }
    if zeros[0] * 10 >= half * 7, zeros[1] * 20 <= half { return utf16(bytes[...], bigEndian: true) }
    return nil
  }

  /// Whether there are zeros, or more controls than a text has.
  private static func looksBinary(_ bytes: [UInt8]) -> Bool {
    var controls = 0
    for byte in bytes {
      if byte == 0 { return true }
      if byte < 0x20, !(0x08...0x0D).contains(byte), byte != 0x1B, byte != 0x1A { controls += 1 }
    }
    return controls > 2 + bytes.count / 50
  }

  private static func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

  /// Whether bytes above ASCII are UTF-8, but for a few damaged ones.
  private static func isMostlyUTF8(_ bytes: [UInt8]) -> Bool {
    if isUTF8(bytes) { return true }
    var (good, bad) = (0, 0)
    var iterator = bytes.makeIterator()
    var decoder = UTF8()
    decoding: while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): good += scalar.isASCII ? 0 : 1
      case .error: bad += 1
      case .emptyInput: break decoding
      }
    }
    return good > bad * 4
  }

  private static func utf16(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> String {
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var index = bytes.startIndex
    while index + 1 < bytes.endIndex {
      let (a, b) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      units.append(bigEndian ? a << 8 | b : b << 8 | a)
      index += 2
    }
    return String(decoding: units, as: UTF16.self)
  }

  static func windows1252(_ bytes: ArraySlice<UInt8>) -> String {
    var scalars = String.UnicodeScalarView()
    for byte in bytes { scalars.append(windows1252(byte)) }
    return String(scalars)
  }

  static func windows1252(_ byte: UInt8) -> Unicode.Scalar {
    byte >= 0x80 && byte < 0xA0 ? high[Int(byte) - 0x80] : Unicode.Scalar(byte)
  }

  private static let high: [Unicode.Scalar] = [
    "€", "\u{81}", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "\u{8D}", "Ž", "\u{8F}",
    "\u{90}", "‘", "’", "“", "”", "•", "–", "—", "\u{2DC}", "™", "š", "›", "œ", "\u{9D}", "ž", "Ÿ",
  ]

  // MARK: Clean text

  /// One kind of line end, no controls but tabs, no byte order marks; a form feed is an empty line.
  static func normalize(_ text: String) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    var previous: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case 0x0D: result.append(0x0A)
      case 0x0A: if previous != 0x0D { result.append(byte) }
      case 0x0C: result += [0x0A, 0x0A]
      case 0x09, 0x20...0x7E, 0x80...0xFF: result.append(byte)
      default: break
      }
      previous = byte
    }
    let cleaned = String(decoding: result, as: UTF8.self)
    // C1 controls and marks are rare: another copy only where they are.
    guard cleaned.unicodeScalars.contains(where: isUnwanted) else { return cleaned }
    return String(
      String.UnicodeScalarView(cleaned.unicodeScalars.map { $0.value == 0x85 ? "\n" : $0 }.filter { !isUnwanted($0) }))
  }

  /// The parts between the bytes of that value, which is one of ASCII.
  static func split(_ text: String, at byte: UInt8) -> [Substring] {
    text.utf8.split(separator: byte, omittingEmptySubsequences: false).map { Substring($0) }
  }

  private static func isUnwanted(_ scalar: Unicode.Scalar) -> Bool {
    (0x80...0x9F).contains(scalar.value) || scalar.value == 0xFEFF
  }
}
