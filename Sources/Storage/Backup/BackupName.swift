#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `chroma-20261121T162000Z-1a2b3c4d.chromabak`: when the backup was begun, and something to tell two of one second by.
package struct BackupName: Sendable, Hashable {
  package static let suffix = ".chromabak"
  /// Behind the name of a backup that is being written, or removed: it counts for nothing.
  package static let partialSuffix = ".partial"

  package let text: String
  /// RFC 3339, UTC, with milliseconds.
  package let created: String

  /// A name for a backup that begins now.
  package static func now() -> BackupName {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return BackupName(
      seconds: Int(time.tv_sec), milliseconds: time.tv_nsec / 1_000_000, salt: UInt32.random(in: .min ... .max))
  }

  init(seconds: Int, milliseconds: Int, salt: UInt32) {
    var moment = time_t(seconds)
    var parts = tm()
    gmtime_r(&moment, &parts)
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let (year, month, day) = (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday))
    let date = [digits(year, 4), digits(month, 2), digits(day, 2)]
    let clock = [digits(Int(parts.tm_hour), 2), digits(Int(parts.tm_min), 2), digits(Int(parts.tm_sec), 2)]
    let hexadecimal = String(salt, radix: 16)
    text =
      "chroma-\(date.joined())T\(clock.joined())Z-"
      + String(repeating: "0", count: 8 - hexadecimal.count) + hexadecimal + Self.suffix
    created = date.joined(separator: "-") + "T" + clock.joined(separator: ":") + "." + digits(milliseconds, 3) + "Z"
  }

  /// Whether a directory of this name is one of ours.
  package static func isName(_ text: String) -> Bool {
    text.wholeMatch(of: /chroma-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\.chromabak/) != nil
  }

  /// Whether it is what a backup leaves that was broken off.
  static func isPartialName(_ text: String) -> Bool {
    text.hasSuffix(partialSuffix) && isName(String(text.dropLast(partialSuffix.count)))
  }
}
