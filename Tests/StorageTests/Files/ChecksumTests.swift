import ChromaTestSupport
import Testing

@testable import Storage

@Suite("Checksums")
struct ChecksumTests {
  @Test("A file's checksum does not depend on the pieces it was written in", arguments: [UInt64(31)])
  func piecesDoNotMatter(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let bytes = (0..<3_500_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    var whole = SegmentChecksum()
    bytes.withUnsafeBytes { whole.add($0) }
    for _ in 0..<5 {
      var pieces = SegmentChecksum()
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + Int.random(in: 1...1_500_000, using: &generator))
        bytes[start..<end].withUnsafeBytes { pieces.add($0) }
        start = end
      }
      #expect(pieces.value == whole.value)
    }
  }

  @Test("Each flipped bit gives another checksum")
  func flipsAreSeen() {
    let bytes = (0..<257).map { UInt8($0 & 255) }
    let sum = bytes.withUnsafeBytes { Checksum.of($0) }
    for index in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << UInt8(bit)
        #expect(flipped.withUnsafeBytes { Checksum.of($0) } != sum)
      }
    }
  }
}
