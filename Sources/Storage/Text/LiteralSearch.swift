/// Finds one byte string in documents.
struct LiteralSearch {
  let literal: [UInt8]
  private let finder: LiteralFinder

  /// - Parameter literal: not empty.
  init(literal: [UInt8]) {
    self.literal = literal
    finder = LiteralFinder(literal)
  }

  /// A group with fewer rows to look at has them searched one by one, not as one stretch of text.
  private static let fewRows = 40

  func occurs(in bytes: UnsafeRawBufferPointer) -> Bool { finder.firstOffset(in: bytes) != nil }

  /// Clears the bits of those rows that do not hold the literal.
  ///
  /// - Parameter rows: `run.groupCount` words, no bit past the last row.
  /// - Complexity: O(bytes of text); groups without a row are passed over.
  func filter(_ rows: inout [UInt64], in run: DocumentRun) {
    var group = 0
    while group < run.groupCount {
      let wanted = rows[group]
      if wanted.nonzeroBitCount < Self.fewRows {
        var left = wanted
        while left != 0 {
          let bit = left.trailingZeroBitCount
          left &= left - 1
          if !occurs(in: run.bytes(of: group * DocumentRun.groupRows + bit)) { rows[group] &= ~(1 << UInt64(bit)) }
        }
        group += 1
      } else {
        var end = group + 1
        while end < run.groupCount, rows[end].nonzeroBitCount >= Self.fewRows { end += 1 }
        filter(&rows, in: run, groups: group..<end)
        group = end
      }
    }
  }

  /// Searches the text of neighbouring groups as one.
  private func filter(_ rows: inout [UInt64], in run: DocumentRun, groups: Range<Int>) {
    let lastRow = min(groups.upperBound * DocumentRun.groupRows, run.count)
    var row = groups.lowerBound * DocumentRun.groupRows
    var position = Int(run.offsets[row])
    let end = Int(run.offsets[lastRow])
    var found = [UInt64](repeating: 0, count: groups.count)
    while position < end, let hit = finder.firstOffset(in: UnsafeRawBufferPointer(rebasing: run.text[position..<end])) {
      position += hit
      row = run.row(at: position, from: row, to: lastRow)
      let rowEnd = Int(run.offsets[row + 1])
      // A hit that crosses the row's end is none, and neither is one that begins behind it in the same row.
      if position + literal.count <= rowEnd {
        found[row / DocumentRun.groupRows - groups.lowerBound] |= 1 << UInt64(row % DocumentRun.groupRows)
      }
      position = rowEnd
    }
    for group in groups { rows[group] &= found[group - groups.lowerBound] }
  }
}
