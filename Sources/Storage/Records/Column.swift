/// One metadata key of one type within a block: its values and the rows they belong to, borrowed from the block's
/// bytes and checked against their end when the block was opened.
///
/// Scalars lie in ascending order, NaN last, so that a comparison is a range of them; masks of the rows of their first
/// 256, 512, … make a bitmap of any range by setting a few hundred bits at most. Arrays lie in row order.
struct Column {
  enum Kind: UInt8 { case bool = 0, int = 1, float = 2, string = 3 }

  /// Values from one mask to the next.
  static let maskStep = 256

  let kind: Kind
  /// Rows that have a value.
  let count: Int
  /// Their numbers within the block, in the order of the values; `nil` for arrays when all rows have one.
  let rows: UnsafePointer<UInt16>?
  /// `count + 1` starts into the elements when each value is an array; `nil` for scalars.
  let starts: UnsafePointer<UInt32>?
  /// Of scalars: `count / maskStep` masks of `maskWords` words each, the rows of so many first values.
  let masks: UnsafePointer<UInt64>?
  let maskWords: Int
  /// Bool: UInt8 · int: Int64 · float: Double · string: UInt32 index into the dictionary.
  let elements: UnsafeRawPointer
  let dictionary: TextList

  /// Of arrays: sets the bits of the rows one of whose elements passes.
  @inline(__always)
  func scan<Element>(_: Element.Type, into mask: inout BlockMask, _ test: (Element) -> Bool) {
    guard let starts else { return }
    let values = elements.assumingMemoryBound(to: Element.self)
    for index in 0..<count where (Int(starts[index])..<Int(starts[index + 1])).contains(where: { test(values[$0]) }) {
      mask.insert(rows.map { Int($0[index]) } ?? index)
    }
  }

  /// Of scalars: adds the rows whose value passes, one value after another.
  func insertEach<Element>(_: Element.Type, into mask: inout BlockMask, _ test: (Element) -> Bool) {
    let values = elements.assumingMemoryBound(to: Element.self)
    for index in 0..<count where test(values[index]) { insert(index..<index + 1, into: &mask) }
  }

  /// Of scalars: how many of the first `limit` values pass a test that holds for the smaller ones and not for the others.
  @inline(__always)
  func partition<Element>(_: Element.Type, limit: Int? = nil, _ isBefore: (Element) -> Bool) -> Int {
    let values = elements.assumingMemoryBound(to: Element.self)
    var low = 0
    var high = limit ?? count
    while low < high {
      let middle = (low &+ high) >> 1
      if isBefore(values[middle]) { low = middle &+ 1 } else { high = middle }
    }
    return low
  }

  /// Of floats: how many are numbers.
  var numberCount: Int {
    let values = elements.assumingMemoryBound(to: Double.self)
    return count == 0 || !values[count - 1].isNaN ? count : partition(Double.self) { !$0.isNaN }
  }

  /// Of scalars: sets the bits of the rows of a range of values.
  func insert(_ range: Range<Int>, into mask: inout BlockMask) {
    guard let rows, !range.isEmpty else { return }
    if range.count <= Self.maskStep {
      for index in range { mask.insert(Int(rows[index])) }
    } else {
      var found = first(range.upperBound, rows)
      if range.lowerBound > 0 { found.subtract(first(range.lowerBound, rows)) }
      mask.formUnion(found)
    }
  }

  /// The rows of the first `count` values.
  private func first(_ count: Int, _ rows: UnsafePointer<UInt16>) -> BlockMask {
    var mask = BlockMask.none
    let whole = count / Self.maskStep
    if whole > 0, let masks {
      let words = masks + (whole - 1) * maskWords
      for word in 0..<min(maskWords, BlockMask.words) { mask.bits[word] = words[word] }
    }
    for index in whole * Self.maskStep..<count { mask.insert(Int(rows[index])) }
    return mask
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
