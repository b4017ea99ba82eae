/// Why a pattern is refused: always the fault of whoever wrote it (HTTP 400).
public struct RegularExpressionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The text for the client. For a mistake in the pattern it shows the pattern with carets under the place, in the
  /// words of the Rust crate `regex-syntax` and with Chroma's own spelling of "errror", since clients compare it.
  public let message: String
  /// The last line of the message alone, such as `unclosed group`.
  public let reason: String

  public var description: String { message }

  /// A pattern of `(?-u)` that would match bytes which are no text.
  static let bytePattern = RegularExpressionError(unlocated: "Byte pattern is not allowed")

  private init(unlocated reason: String) {
    self.message = reason
    self.reason = reason
  }

  /// - Parameters:
  ///   - spans: where, as offsets in Unicode scalars; an empty range still gets one caret.
  init(_ reason: String, at spans: [Range<Int>], in pattern: [Unicode.Scalar]) {
    self.reason = reason
    var text = "Regex syntax errror: regex parse error:\n"
    let lines = pattern.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.count <= 1 {
      text += "    \(String(scalars: pattern))\n    \(Self.carets(under: pattern.indices, spans))\n"
    } else {
      let divider = String(repeating: "~", count: 79) + "\n"
      let width = String(lines.count).utf8.count
      text += divider
      for (index, line) in lines.enumerated() {
        let number = String(index + 1)
        text += String(repeating: " ", count: width - number.utf8.count) + "\(number): \(String(scalars: line))\n"
        let inside = spans.filter { $0.lowerBound >= line.startIndex && $0.lowerBound <= line.endIndex }
        if !inside.isEmpty {
          text += String(repeating: " ", count: width + 2) + Self.carets(under: line.indices, inside) + "\n"
        }
      }
      text += divider
    }
    message = text + "error: " + reason
  }

  private static func carets(under line: Range<Int>, _ spans: [Range<Int>]) -> String {
    var out = ""
    var column = line.lowerBound
    for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if span.lowerBound > column {
        out += String(repeating: " ", count: span.lowerBound - column)
        column = span.lowerBound
      }
      let length = max(1, min(span.upperBound, line.upperBound) - span.lowerBound)
      out += String(repeating: "^", count: length)
      column += length
    }
    return out
  }
}

extension String {
  init(scalars: some Sequence<Unicode.Scalar>) {
    var view = UnicodeScalarView()
    view.append(contentsOf: scalars)
    self = String(view)
  }
}
