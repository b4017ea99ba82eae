/// What a lease's file says: whose it is, when it was last renewed, and a name for people.
///
///     lease 9f86d081884c7d65…        32 hexadecimal digits, anew for each holder
///     renewed 00001790000000123      milliseconds since 1970
///     process 4711 on db1
struct LeaseRecord: Sendable, Hashable {
  var identifier: String
  var renewed: UInt64
  var holder: String

  /// A new holder's.
  init(holder: String, renewed: UInt64) {
    identifier = (0..<2).map { _ in Self.digits(UInt64.random(in: .min ... .max), radix: 16, count: 16) }.joined()
    self.renewed = renewed
    self.holder = holder
  }

  /// What stands in a lease's file; `nil` for an empty one, whose lease was given back. Something else that stands there
  /// may be another version's, so it is somebody's.
  static func found(_ text: String) -> LeaseRecord? {
    if text.isEmpty { return nil }
    if let record = LeaseRecord(text) { return record }
    var unread = LeaseRecord(holder: "another process", renewed: 0)
    unread.identifier = text
    return unread
  }

  /// `nil` for anything else.
  init?(_ text: String) {
    let lines = text.split(separator: "\n", maxSplits: 2).map(String.init)
    guard lines.count == 3, lines[0].hasPrefix("lease "), lines[1].hasPrefix("renewed "),
      let renewed = UInt64(lines[1].dropFirst("renewed ".count))
    else { return nil }
    identifier = String(lines[0].dropFirst("lease ".count))
    self.renewed = renewed
    holder = String(lines[2].prefix { $0 != "\n" })
  }

  /// The first line, by which a holder knows its own.
  var head: String { "lease \(identifier)\n" }

  /// Of the same length however often it is renewed, so that it is renewed in place.
  var text: String { head + "renewed \(Self.digits(renewed, radix: 10, count: 17))\n\(holder)\n" }

  private static func digits(_ number: UInt64, radix: Int, count: Int) -> String {
    let text = String(number, radix: radix)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
