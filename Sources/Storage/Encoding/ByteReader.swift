/// Reads what ``ByteWriter`` wrote. Every step is checked against the end: damaged bytes give `nil`, never a trap.
package struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  /// Borrows the bytes, which must outlive the reader.
  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  package var isAtEnd: Bool { offset == bytes.count }

  package mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T? {
    guard bytes.count - offset >= MemoryLayout<T>.size else { return nil }
    defer { offset += MemoryLayout<T>.size }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  package mutating func double() -> Double? { integer(UInt64.self).map(Double.init(bitPattern:)) }
  package mutating func float() -> Float? { integer(UInt32.self).map(Float.init(bitPattern:)) }

  package mutating func count() -> Int? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count, shift < 63 {
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return Int(exactly: value) }
      shift += 7
    }
    return nil
  }

  package mutating func span(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count >= 0, bytes.count - offset >= count else { return nil }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  package mutating func text() -> String? {
    guard let count = count(), let span = span(count) else { return nil }
    return String(decoding: span, as: UTF8.self)
  }
}
