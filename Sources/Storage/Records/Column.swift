/// One metadata key of one type within a block: its values and the rows they belong to, borrowed from the block's
/// bytes and checked against their end when the block was opened.
struct Column {
  enum Kind: UInt8 { case bool = 0, int = 1, float = 2, string = 3 }

  let kind: Kind
  /// Rows that have a value.
  let count: Int
  /// Their numbers within the block, ascending; `nil` when all rows have one.
  let rows: UnsafePointer<UInt16>?
  /// `count + 1` starts into the elements when each value is an array; `nil` for scalars.
  let starts: UnsafePointer<UInt32>?
  /// Bool: UInt8 · int: Int64 · float: Double · string: UInt32 index into the dictionary.
  let elements: UnsafeRawPointer
  let dictionary: TextList

  /// Sets the bits of the rows one of whose elements passes.
  @inline(__always)
  func scan<Element>(_: Element.Type, into mask: inout BlockMask, _ test: (Element) -> Bool) {
    let values = elements.assumingMemoryBound(to: Element.self)
    if let starts {
      for index in 0..<count where (Int(starts[index])..<Int(starts[index + 1])).contains(where: { test(values[$0]) }) {
        mask.insert(rows.map { Int($0[index]) } ?? index)
      }
    } else if let rows {
      for index in 0..<count where test(values[index]) { mask.insert(Int(rows[index])) }
    } else {
      var index = 0
      while index + 64 <= count {
        var word: UInt64 = 0
        for bit in 0..<64 { word |= (test(values[index &+ bit]) ? 1 : 0) << UInt64(bit) }
        mask.bits[index >> 6] |= word
        index &+= 64
      }
      while index < count {
        if test(values[index]) { mask.insert(index) }
        index &+= 1
      }
    }
  }
}

/// Texts one behind another, with their starts.
struct TextList {
  /// `count + 1` ascending offsets into ``bytes``.
  let offsets: UnsafePointer<UInt32>
  let bytes: UnsafeRawBufferPointer
  let count: Int

  func bytes(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[Int(offsets[index])..<Int(offsets[index + 1])])
  }

  func text(_ index: Int) -> String { String(decoding: bytes(index), as: UTF8.self) }

  /// Where `text` stands in a list sorted by bytes; `nil` when it is not there.
  func index(of text: UnsafeRawBufferPointer) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      let order = Self.compare(bytes(middle), text)
      if order == 0 { return middle }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let common = min(left.count, right.count)
    for index in 0..<common where left[index] != right[index] { return left[index] < right[index] ? -1 : 1 }
    return left.count - right.count
  }
}
