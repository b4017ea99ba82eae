/// Grows an array of little-endian values, for files we read back with ``ByteReader``.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func append<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func append(_ value: Double) { append(value.bitPattern) }
  package mutating func append(_ value: Float) { append(value.bitPattern) }

  /// Seven bits a byte, low ones first; the high bit says that more follow.
  package mutating func appendCount(_ count: Int) {
    var rest = UInt64(count)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Length and UTF-8 bytes.
  package mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      appendCount(utf8.count)
      bytes.append(contentsOf: utf8)
    }
  }

  package mutating func append(raw text: String) {
    var text = text
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  package mutating func append(bytes other: [UInt8]) { bytes.append(contentsOf: other) }

  package mutating func append<T: FixedWidthInteger>(contentsOf values: [T]) {
    #if _endian(little)
      values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    #else
      for value in values { append(value) }
    #endif
  }

  /// Zero bytes up to a multiple of `alignment`.
  package mutating func align(to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }
}
