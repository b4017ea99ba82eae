/// The documents of one block, borrowed for the length of a call.
///
/// Row `r` holds the bytes `offsets[r]..<offsets[r + 1]` of `text` if bit `r` of `present` is set, and no document
/// otherwise.
package struct DocumentRun {
  /// The most rows of a block.
  package static let maximumCount = 2_048
  /// Rows of one word of a bitmap.
  package static let groupRows = 64

  package let text: UnsafeRawBufferPointer
  /// `count + 1` of them, never falling, none past the text.
  package let offsets: UnsafePointer<UInt32>
  /// `groupCount` words, the lowest bit first.
  package let present: UnsafePointer<UInt64>
  package let count: Int

  /// - Returns: `nil` if the offsets do not fit the text, so that whoever holds a run may trust them.
  /// - Complexity: O(count).
  package init?(
    text: UnsafeRawBufferPointer, offsets: UnsafePointer<UInt32>, present: UnsafePointer<UInt64>, count: Int
  ) {
    guard (0...Self.maximumCount).contains(count) else { return nil }
    for row in 0..<count where offsets[row] > offsets[row + 1] { return nil }
    guard Int(offsets[count]) <= text.count else { return nil }
    self.text = text
    self.offsets = offsets
    self.present = present
    self.count = count
  }

  /// For offsets that were checked already, when their block was opened.
  init(checked text: UnsafeRawBufferPointer, offsets: UnsafePointer<UInt32>, present: UnsafePointer<UInt64>, count: Int)
  {
    self.text = text
    self.offsets = offsets
    self.present = present
    self.count = count
  }

  /// Groups of 64 rows, the last one perhaps shorter; also the words of a bitmap over the rows.
  package var groupCount: Int { (count + Self.groupRows - 1) / Self.groupRows }

  /// The bits of word `group` that stand for rows.
  func rowBits(of group: Int) -> UInt64 {
    let rows = min(Self.groupRows, count - group * Self.groupRows)
    return rows == Self.groupRows ? .max : (1 << UInt64(rows)) - 1
  }

  /// The bytes of a row; empty for one without document.
  func bytes(of row: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: text[Int(offsets[row])..<Int(offsets[row + 1])])
  }

  /// The row whose bytes include the one at `position`, which is inside the text of rows `low..<high`.
  func row(at position: Int, from low: Int, to high: Int) -> Int {
    var low = low
    var high = high
    // The first row that ends past `position`: rows without bytes never do before it.
    while low < high {
      let middle = (low + high) / 2
      if Int(offsets[middle + 1]) <= position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
