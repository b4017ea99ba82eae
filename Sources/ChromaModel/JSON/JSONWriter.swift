/// Writes JSON into one growing byte array.
///
/// Commas are the caller's: ``separate()`` puts one unless a value has just been opened.
public struct JSONWriter: Sendable {
  public var bytes: [UInt8] = []

  public init(reserving count: Int = 256) { bytes.reserveCapacity(count) }

  @inline(__always)
  public mutating func raw(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Puts a comma unless the value at hand is the first of its array or object.
  @inline(__always)
  public mutating func separate() {
    switch bytes.last {
    case nil, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ":"), UInt8(ascii: ","): break
    default: bytes.append(UInt8(ascii: ","))
    }
  }

  /// `"name":`, with the comma before it where one is due.
  public mutating func key(_ name: String) {
    separate()
    write(name)
    bytes.append(UInt8(ascii: ":"))
  }

  public mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      var start = 0
      for index in 0..<utf8.count {
        let byte = utf8[index]
        guard byte < 0x20 || byte == 0x22 || byte == 0x5c else { continue }
        bytes.append(contentsOf: utf8[start..<index])
        start = index + 1
        appendEscape(byte)
      }
      bytes.append(contentsOf: utf8[start...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func appendEscape(_ byte: UInt8) {
    switch byte {
    case 0x22: raw("\\\"")
    case 0x5c: raw("\\\\")
    case 0x0a: raw("\\n")
    case 0x0d: raw("\\r")
    case 0x09: raw("\\t")
    default:
      let hex: StaticString = "0123456789abcdef"
      raw("\\u00")
      bytes.append(hex.utf8Start[Int(byte >> 4)])
      bytes.append(hex.utf8Start[Int(byte & 15)])
    }
  }

  public mutating func write(_ flag: Bool) { if flag { raw("true") } else { raw("false") } }

  public mutating func write(_ whole: Int64) { append(whole.description) }

  public mutating func write(_ whole: Int) { append(whole.description) }

  /// The shortest text that reads back as the same Float32; `null` when it is not finite.
  @inline(__always)
  public mutating func write(_ value: Float) {
    if value.isFinite { append(value.description) } else { raw("null") }
  }

  /// The shortest text that reads back as the same Float64; `null` when it is not finite.
  public mutating func write(_ value: Double) {
    if value.isFinite { append(value.description) } else { raw("null") }
  }

  public mutating func writeNull() { raw("null") }

  /// `[1.0,0.5]`
  public mutating func write(_ vector: UnsafeBufferPointer<Float>) {
    bytes.append(UInt8(ascii: "["))
    for index in vector.indices {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      write(vector[index])
    }
    bytes.append(UInt8(ascii: "]"))
  }

  public mutating func write(_ value: JSONValue) {
    switch value {
    case .null: raw("null")
    case .bool(let flag): write(flag)
    case .int(let whole): write(whole)
    case .double(let number): write(number)
    case .string(let text): write(text)
    case .array(let elements):
      raw("[")
      for element in elements {
        separate()
        write(element)
      }
      raw("]")
    case .object(let members):
      raw("{")
      for (name, member) in members.sorted(by: { $0.key < $1.key }) {
        key(name)
        write(member)
      }
      raw("}")
    }
  }

  @inline(__always)
  private mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }
}
