/// One bit for each row of a block, as a value without an allocation.
package struct BlockMask {
  package static let words = RecordBlock.capacity / 64
  var bits: InlineArray<32, UInt64>

  package static var none: BlockMask { BlockMask(bits: InlineArray(repeating: 0)) }

  /// The first `rowCount` rows.
  package static func all(_ rowCount: Int) -> BlockMask {
    var mask = none
    for word in 0..<words {
      let rows = rowCount - word * 64
      mask.bits[word] = rows >= 64 ? .max : rows > 0 ? (1 << UInt64(rows)) &- 1 : 0
    }
    return mask
  }

  mutating func formIntersection(_ other: BlockMask) {
    for word in 0..<Self.words { bits[word] &= other.bits[word] }
  }

  mutating func formUnion(_ other: BlockMask) {
    for word in 0..<Self.words { bits[word] |= other.bits[word] }
  }

  mutating func subtract(_ other: BlockMask) {
    for word in 0..<Self.words { bits[word] &= ~other.bits[word] }
  }

  @inline(__always)
  mutating func insert(_ row: Int) { bits[row >> 6] |= 1 << UInt64(row & 63) }
}
