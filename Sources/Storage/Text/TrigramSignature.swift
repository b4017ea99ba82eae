package import ChromaModel

/// Which trigrams (three bytes) may occur in which documents of a block.
///
/// A table with a line for each slot and one bit a row in each line: bit `r` of line `slot(trigram)` is set if the
/// document of row `r` holds a trigram of that slot. A row without the bit certainly lacks the trigram; one with it may
/// lack it too. About half the bits are set, so that a literal of ten letters leaves one row in some hundred to be
/// searched, however frequent its words are.
package struct TrigramSignature {
  /// Texts shorter than this are searched faster than a table is read.
  private static let smallestText = 4_096
  /// Fewer say nothing; more help only with documents of which a search reads few.
  private static let slotLimits = 24...8_192
  /// The table takes at most one byte to so many bytes of text.
  private static let textBytesPerByte = 10

  /// The number of slots, 0 for a text not worth a table.
  static func slotCount(textBytes: Int, groupCount: Int) -> Int {
    guard textBytes >= smallestText, groupCount > 0 else { return 0 }
    let slots = textBytes / (textBytesPerByte * groupCount * 8)
    return slots < slotLimits.lowerBound ? 0 : min(slots, slotLimits.upperBound)
  }

  /// The table of a block, `run.groupCount` words a slot. Trigrams across the border of two documents are left out.
  ///
  /// - Complexity: O(bytes of text).
  package static func build(_ run: DocumentRun) -> [UInt64] {
    let textBytes = run.count == 0 ? 0 : Int(run.offsets[run.count] - run.offsets[0])
    let slots = slotCount(textBytes: textBytes, groupCount: run.groupCount)
    guard slots > 0 else { return [] }
    return [UInt64](unsafeUninitializedCapacity: slots * run.groupCount) { table, initialized in
      table.initialize(repeating: 0)
      initialized = slots * run.groupCount
      for row in 0..<run.count
      where run.present[row / DocumentRun.groupRows] >> UInt64(row % DocumentRun.groupRows) & 1 == 1 {
        let group = row / DocumentRun.groupRows
        let bit: UInt64 = 1 << UInt64(row % DocumentRun.groupRows)
        let bytes = run.bytes(of: row)
        guard bytes.count >= 3 else { continue }
        var trigram = UInt32(bytes[0]) << 8 | UInt32(bytes[1])
        for index in 2..<bytes.count {
          trigram = (trigram << 8 | UInt32(bytes[index])) & 0xFF_FFFF
          table[slot(trigram, slots) &* run.groupCount &+ group] |= bit
        }
      }
    }
  }

  /// Clears the rows whose document certainly does not meet `requirement`.
  ///
  /// - Parameters:
  ///   - rows: `groupCount` words.
  ///   - table: from `build` for the same block. One whose length fits no number of slots rules nothing out.
  /// - Complexity: O(bytes of the requirement × words).
  package static func narrow(
    _ rows: inout [UInt64], to requirement: LiteralRequirement, by table: UnsafeBufferPointer<UInt64>
  ) {
    guard !rows.isEmpty, table.count >= rows.count, table.count % rows.count == 0 else { return }
    switch requirement {
    case .everything: return
    case .and(let parts): for part in parts { narrow(&rows, to: part, by: table) }
    case .or(let parts):
      var found = [UInt64](repeating: 0, count: rows.count)
      for part in parts {
        var meeting = rows
        narrow(&meeting, to: part, by: table)
        for group in found.indices { found[group] |= meeting[group] }
      }
      rows = found
    case .literal(let literal): narrow(&rows, to: literal, by: table)
    }
  }

  private static let mostTrigrams = 64

  private static func narrow(_ rows: inout [UInt64], to literal: [UInt8], by table: UnsafeBufferPointer<UInt64>) {
    guard literal.count >= 3 else { return }
    let words = rows.count
    let slots = table.count / words
    rows.withUnsafeMutableBufferPointer { rows in
      // Of a long one, trigrams spread over it: more would rule out nothing more, and it may be megabytes.
      for place in stride(from: 2, to: literal.count, by: max(1, literal.count / mostTrigrams)) {
        let trigram = UInt32(literal[place - 2]) << 16 | UInt32(literal[place - 1]) << 8 | UInt32(literal[place])
        let line = slot(trigram, slots) &* words
        var left: UInt64 = 0
        for word in 0..<words {
          rows[word] &= table[line &+ word]
          left |= rows[word]
        }
        if left == 0 { return }
      }
    }
  }

  /// Multiplicative hashing (Knuth, volume 3, section 6.4), then the part of the range it falls into.
  @inline(__always)
  private static func slot(_ trigram: UInt32, _ slots: Int) -> Int {
    Int((UInt64(trigram &* 0x9E37_79B1) &* UInt64(slots)) >> 32)
  }
}
