/// Base64 of little-endian Float32 numbers: how Chroma's clients send embeddings.
///
/// The alphabet is the standard one, padding is required and unused bits must be zero (RFC 4648, section 4); errors
/// read as those of Rust's `base64` crate, which clients see from Chroma's server.
enum Base64Floats {
  /// Decodes `text` behind `values`.
  ///
  /// - Returns: what is wrong, or `nil`; then `values` has grown by the numbers, otherwise not at all.
  /// - Complexity: O(`text.count`), about a nanosecond a number.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, into values: inout [Float]) -> Problem? {
    guard text.count > 0, let base = text.baseAddress else { return nil }
    if text.count % 4 == 1, base[text.count - 1] != padding, tables[Int(base[text.count - 1])] >= invalid {
      return .symbol(base[text.count - 1], at: text.count - 1)
    }
    // The last quartet may hold padding and is decoded apart.
    let body = (text.count - 1) / 4 * 4
    let ending: Ending
    switch Self.ending(UnsafeBufferPointer(rebasing: text[body...]), offset: body) {
    case .success(let found): ending = found
    case .failure(let problem):
      // A bad symbol further ahead is the one to name.
      return firstBadSymbol(base, body) ?? problem
    }
    let byteCount = body / 4 * 3 + ending.count
    guard byteCount % 4 == 0 else { return firstBadSymbol(base, body) ?? .length(byteCount) }
    let start = values.count
    values.append(contentsOf: repeatElement(0, count: byteCount / 4))
    let isValid = values.withUnsafeMutableBytes { bytes in
      guard let output = bytes.baseAddress else { return false }
      let target = (output + start * 4).assumingMemoryBound(to: UInt8.self)
      guard decode(base, body, to: target) else { return false }
      for index in 0..<ending.count { target[body / 4 * 3 + index] = ending[index] }
      return true
    }
    guard isValid else {
      values.removeLast(byteCount / 4)
      return firstBadSymbol(base, body)
    }
    #if _endian(big)
      for index in start..<values.count { values[index] = Float(bitPattern: values[index].bitPattern.byteSwapped) }
    #endif
    return nil
  }

  /// Whole quartets without padding.
  private static func decode(_ input: UnsafePointer<UInt8>, _ count: Int, to output: UnsafeMutablePointer<UInt8>)
    -> Bool
  {
    tables.withUnsafeBufferPointer { tables in
      var bad: UInt32 = 0
      var target = output
      var source = input
      let end = input + count
      while source < end {
        let word =
          tables[Int(source[0])] << 18 | tables[Int(source[1])] << 12 | tables[Int(source[2])] << 6
          | tables[Int(source[3])]
        bad |= tables[Int(source[0])] | tables[Int(source[1])] | tables[Int(source[2])] | tables[Int(source[3])]
        target[0] = UInt8(truncatingIfNeeded: word >> 16)
        target[1] = UInt8(truncatingIfNeeded: word >> 8)
        target[2] = UInt8(truncatingIfNeeded: word)
        source += 4
        target += 3
      }
      return bad < invalid
    }
  }

  /// The bytes of the last quartet, in the high bits first.
  private struct Ending {
    let word: UInt32
    let count: Int

    subscript(index: Int) -> UInt8 { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * index)) }
  }

  /// One to four symbols, the last of which may be padding.
  private static func ending(_ text: UnsafeBufferPointer<UInt8>, offset: Int) -> Result<Ending, Problem> {
    var firstPadding: Int?
    var paddings = 0
    var symbols = 0
    var word: UInt32 = 0
    var last: UInt8 = 0
    for (index, byte) in text.enumerated() {
      if byte == padding {
        guard index >= 2 else { return .failure(.symbol(byte, at: offset + index)) }
        firstPadding = firstPadding ?? index
        paddings += 1
        continue
      }
      if let firstPadding { return .failure(.symbol(padding, at: offset + firstPadding)) }
      let value = tables[Int(byte)]
      guard value < invalid else { return .failure(.symbol(byte, at: offset + index)) }
      word |= value << UInt32(26 - 6 * symbols)
      symbols += 1
      last = byte
    }
    guard symbols >= 2 else { return .failure(.inputLength(offset + symbols)) }
    guard (symbols + paddings) % 4 == 0 else { return .failure(.padding) }
    let count = symbols * 6 / 8
    guard word & (UInt32.max >> UInt32(count * 8)) == 0 else {
      return .failure(.lastSymbol(last, at: offset + symbols - 1))
    }
    return .success(Ending(word: word, count: count))
  }

  private static func firstBadSymbol(_ input: UnsafePointer<UInt8>, _ count: Int) -> Problem? {
    for index in 0..<count where tables[Int(input[index])] >= invalid { return .symbol(input[index], at: index) }
    return nil
  }

  private static let padding = UInt8(ascii: "=")
  private static let invalid: UInt32 = 1 << 24

  /// For each byte its six bits, or ``invalid``.
  private static let tables: [UInt32] = {
    var table = [UInt32](repeating: invalid, count: 256)
    for (value, byte) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
      table[Int(byte)] = UInt32(value)
    }
    return table
  }()

  /// What is wrong with a text.
  enum Problem: Error, Hashable, CustomStringConvertible {
    case symbol(UInt8, at: Int)
    case lastSymbol(UInt8, at: Int)
    case inputLength(Int)
    case padding
    /// Bytes that are no whole number of Float32.
    case length(Int)

    var description: String {
      switch self {
      case .symbol(let byte, let offset): "Invalid base64 string: Invalid symbol \(byte), offset \(offset)."
      case .lastSymbol(let byte, let offset): "Invalid base64 string: Invalid last symbol \(byte), offset \(offset)."
      case .inputLength(let length): "Invalid base64 string: Invalid input length: \(length)"
      case .padding: "Invalid base64 string: Invalid padding"
      case .length(let bytes):
        "Invalid byte length: \(bytes) bytes cannot be converted to f32 values (must be divisible by 4)"
      }
    }
  }
}
