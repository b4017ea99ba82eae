#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The first occurrence of a byte string, in time linear in the text.
///
/// Sixteen places at a time are compared with the two bytes of the literal that text is least likely to hold; where both
/// stand, a comparison decides. Where that fails too often (`aaaa` in `aaabaaab…`), Knuth, Morris and Pratt (1977) take
/// over. Texts too short for that go through `memchr`.
struct LiteralFinder: Sendable {
  private let literal: [UInt8]
  /// Where the two rarest bytes stand.
  private let rare: Int
  private let second: Int
  /// For each prefix, the length of its longest proper prefix that is also its suffix.
  private let borders: [Int32]

  /// - Parameter literal: not empty, shorter than 2 GB.
  init(_ literal: [UInt8]) {
    self.literal = literal
    var rare = 0
    for index in literal.indices where Self.frequency(literal[index]) < Self.frequency(literal[rare]) { rare = index }
    var second = rare == 0 ? literal.count - 1 : 0
    for index in literal.indices where index != rare {
      if Self.frequency(literal[index]) < Self.frequency(literal[second]) { second = index }
    }
    self.rare = rare
    self.second = second
    var borders = [Int32](repeating: 0, count: literal.count)
    var length = 0
    for index in literal.indices.dropFirst() {
      while length > 0, literal[index] != literal[length] { length = Int(borders[length - 1]) }
      if literal[index] == literal[length] { length += 1 }
      borders[index] = Int32(truncatingIfNeeded: length)
    }
    self.borders = borders
  }

  /// - Complexity: O(n).
  func firstOffset(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard !literal.isEmpty else { return 0 }
    guard let base = bytes.baseAddress, bytes.count >= literal.count else { return nil }
    return literal.withUnsafeBytes { literal in
      guard let needle = literal.baseAddress else { return nil }
      let lastStart = bytes.count - literal.count
      if lastStart >= 15 { return firstOffset(base, lastStart, needle, literal.count, bytes) }
      var start = 0
      var compared = 0
      while start <= lastStart {
        guard let hit = memchr(base + start + rare, Int32(literal[rare]), lastStart - start + 1) else { return nil }
        start = base.distance(to: UnsafeRawPointer(hit)) - rare
        if bytes[start + second] == literal[second] {
          if memcmp(base + start, needle, literal.count) == 0 { return start }
          compared += literal.count
          if compared > 8 * start + 1_024 { return firstOffsetByBorders(in: bytes, from: start + 1) }
        }
        start += 1
      }
      return nil
    }
  }

  private typealias Places = SIMD16<UInt8>

  /// - Parameter lastStart: at least 15, so that a whole window fits; the last one overlaps the one before.
  private func firstOffset(
    _ base: UnsafeRawPointer, _ lastStart: Int, _ needle: UnsafeRawPointer, _ length: Int,
    _ bytes: UnsafeRawBufferPointer
  ) -> Int? {
    let rareBytes = Places(repeating: literal[rare])
    let secondBytes = Places(repeating: literal[second])
    var window = 0
    var compared = 0
    while true {
      let atRare = (base + (window &+ rare)).loadUnaligned(as: Places.self) .== rareBytes
      let atSecond = (base + (window &+ second)).loadUnaligned(as: Places.self) .== secondBytes
      let hits = unsafeBitCast(atRare .& atSecond, to: SIMD2<UInt64>.self)
      if hits[0] | hits[1] != 0 {
        for half in 0..<2 {
          var left = UInt64(littleEndian: hits[half])
          while left != 0 {
            let place = left.trailingZeroBitCount >> 3
            left &= ~(0xFF << UInt64(place << 3))
            let start = window &+ half &* 8 &+ place
            if memcmp(base + start, needle, length) == 0 { return start }
            compared += length
            if compared > 8 * start + 1_024 { return firstOffsetByBorders(in: bytes, from: start + 1) }
          }
        }
      }
      if window == lastStart - 15 { return nil }
      window = min(window + 16, lastStart - 15)
    }
  }

  private func firstOffsetByBorders(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var length = 0
    for index in start..<bytes.count {
      while length > 0, bytes[index] != literal[length] { length = Int(borders[length - 1]) }
      if bytes[index] == literal[length] { length += 1 }
      if length == literal.count { return index + 1 - length }
    }
    return nil
  }

  /// How often a byte stands in text, roughly: English letters by frequency, then the leading bytes of other scripts.
  private static func frequency(_ byte: UInt8) -> Int { Int(frequencies[Int(byte)]) }

  private static let frequencies: [UInt8] = {
    var table = [UInt8](repeating: 10, count: 256)
    for byte in 0x80..<0xC0 { table[byte] = 120 }
    for byte in 0xC3...0xF0 { table[byte] = 200 }
    for byte in UInt8(ascii: "0")...UInt8(ascii: "9") { table[Int(byte)] = 60 }
    for byte in UInt8(ascii: "A")...UInt8(ascii: "Z") { table[Int(byte)] = 50 }
    for (rank, byte) in " etaoinsrhldcumfpgwyb,.vk\n-'\"xjqz".utf8.enumerated() {
      table[Int(byte)] = UInt8(255 - 5 * rank)
    }
    return table
  }()
}
