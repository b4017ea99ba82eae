/// The data of server-sent events, from bytes that come in any pieces.
///
/// As far as chat models use it: fields other than `data` are passed over. WHATWG HTML, 9.2.6.
struct EventStreamParser: Sendable {
  struct TooLong: Error {}

  private var line: [UInt8] = []
  private var data: [String] = []
  private var size = 0
  private var endedInReturn = false

  /// Bytes of one event.
  static let maximumSize = 1 << 20

  /// - Returns: the data of the events that are complete now.
  mutating func feed(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [String] {
    var events: [String] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n"), endedInReturn {
        endedInReturn = false
        continue
      }
      endedInReturn = byte == UInt8(ascii: "\r")
      guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
        line.append(byte)
        size += 1
        guard size <= Self.maximumSize else { throw TooLong() }
        continue
      }
      if line.isEmpty {
        if !data.isEmpty { events.append(data.joined(separator: "\n")) }
        data = []
        size = 0
      } else if let value = Self.value(line) {
        data.append(value)
      }
      line = []
    }
    return events
  }

  private static func value(_ line: [UInt8]) -> String? {
    let field = Array("data:".utf8)
    guard line.starts(with: field) else { return nil }
    let value = line.dropFirst(field.count)
    return String(decoding: value.first == UInt8(ascii: " ") ? value.dropFirst() : value, as: UTF8.self)
  }
}
