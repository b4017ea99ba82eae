package import ChromaModel

/// Which trigrams (three bytes) may occur in which groups of 64 rows of a block.
///
/// A table with one word a slot: bit `g` of slot `hash(trigram)` is set if a document of group `g` holds a trigram of
/// that hash. A group without the bit certainly lacks the trigram; one with it may lack it too.
package struct TrigramSignature {
  /// Texts shorter than this are searched faster than a table is read.
  private static let smallestText = 4_096
  private static let slotLimits = 256...65_536
  /// One slot to at least so many bytes of text: at most an eighth of the text's size.
  private static let bytesPerSlot = 32

  /// The number of slots, a power of two, or 0 for a text not worth a table.
  static func slotCount(textBytes: Int) -> Int {
    guard textBytes >= smallestText else { return 0 }
    var slots = slotLimits.lowerBound
    while slots * 2 <= textBytes / bytesPerSlot, slots < slotLimits.upperBound { slots *= 2 }
    return slots
  }

  /// The table of a block. Trigrams across the border of two documents are left out.
  ///
  /// - Complexity: O(bytes of text).
  package static func build(_ run: DocumentRun) -> [UInt32] {
    let textBytes = run.count == 0 ? 0 : Int(run.offsets[run.count] - run.offsets[0])
    let slots = slotCount(textBytes: textBytes)
    guard slots > 0 else { return [] }
    let shift = shift(slots: slots)
    return [UInt32](unsafeUninitializedCapacity: slots) { table, initialized in
      table.initialize(repeating: 0)
      initialized = slots
      for row in 0..<run.count
      where run.present[row / DocumentRun.groupRows] >> UInt64(row % DocumentRun.groupRows) & 1 == 1 {
        let bit: UInt32 = 1 << UInt32(row / DocumentRun.groupRows)
        let bytes = run.bytes(of: row)
        guard bytes.count >= 3 else { continue }
        var trigram = UInt32(bytes[0]) << 8 | UInt32(bytes[1])
        for index in 2..<bytes.count {
          trigram = (trigram << 8 | UInt32(bytes[index])) & 0xFF_FFFF
          table[slot(trigram, shift)] |= bit
        }
      }
    }
  }

  /// The groups that may hold a document which meets `requirement`, as bits; no group that holds one is missing.
  ///
  /// - Parameter table: from `build` for the same block. A number of slots that is no power of two rules nothing out.
  /// - Complexity: O(bytes of the requirement).
  package static func groups(
    mayContain requirement: LiteralRequirement, in table: UnsafeBufferPointer<UInt32>, groupCount: Int
  ) -> UInt32 {
    let all: UInt32 = groupCount >= 32 ? .max : (1 << UInt32(max(0, groupCount))) - 1
    guard table.count > 0, table.count & (table.count - 1) == 0 else { return all }
    return groups(requirement, table, all)
  }

  private static func groups(
    _ requirement: LiteralRequirement, _ table: UnsafeBufferPointer<UInt32>, _ all: UInt32
  ) -> UInt32 {
    switch requirement {
    case .everything: return all
    case .and(let parts): return parts.reduce(all) { $0 & groups($1, table, all) }
    case .or(let parts): return parts.reduce(0) { $0 | groups($1, table, all) }
    case .literal(let literal):
      guard literal.count >= 3 else { return all }
      let shift = shift(slots: table.count)
      var found = all
      var trigram = UInt32(literal[0]) << 8 | UInt32(literal[1])
      for byte in literal.dropFirst(2) {
        trigram = (trigram << 8 | UInt32(byte)) & 0xFF_FFFF
        found &= table[slot(trigram, shift)]
        if found == 0 { break }
      }
      return found
    }
  }

  /// Multiplicative hashing (Knuth, volume 3, section 6.4): the highest bits of the product.
  @inline(__always)
  private static func slot(_ trigram: UInt32, _ shift: UInt32) -> Int { Int((trigram &* 0x9E37_79B1) >> shift) }

  /// - Parameter slots: a power of two; with one slot the shift is by all 32 bits, which gives 0.
  private static func shift(slots: Int) -> UInt32 { UInt32(32 - slots.trailingZeroBitCount) }
}
