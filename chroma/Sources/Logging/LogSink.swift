import Foundation

/// Where finished log lines go.
struct LogSink: Sendable {
  /// Gets a line with its line break.
  let write: @Sendable (String) -> Void

  /// One system call a line, so that lines of many threads do not mix.
  static let standardError = LogSink { line in
    var line = line
    line.withUTF8 { bytes in
      _ = writeAll(UnsafeRawBufferPointer(bytes), to: STDERR_FILENO)
    }
  }
}

/// Writes all of the bytes, in one system call as far as the system takes them.
///
/// - Returns: 0, or the number of the error that ended it.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
  var rest = bytes
  while let base = rest.baseAddress, rest.count > 0 {
    let written = Foundation.write(descriptor, base, rest.count)
    if written < 0, errno == EINTR { continue }
    guard written > 0 else { return written < 0 ? errno : EIO }
    rest = UnsafeRawBufferPointer(rebasing: rest[written...])
  }
  return 0
}

/// A moment in UTC: `2026-11-21T07:15:00.123Z`.
struct Timestamp: Sendable {
  var seconds: Int
  var milliseconds: Int

  static var now: Timestamp {
    let milliseconds = Int((Date().timeIntervalSince1970 * 1000).rounded(.down))
    return Timestamp(seconds: milliseconds / 1000, milliseconds: milliseconds % 1000)
  }

  var text: String {
    var seconds = time_t(seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ number: some BinaryInteger, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
    let time = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
    return "\(date)T\(time).\(padded(milliseconds, 3))Z"
  }
}
