extension String {
  /// Runs of white space as one space each, none at the ends.
  func collapsingWhiteSpace() -> String {
    var result = String.UnicodeScalarView()
    var isPending = false
    for scalar in unicodeScalars {
      if scalar.isWhiteSpace {
        isPending = !result.isEmpty
      } else {
        if isPending { result.append(" ") }
        isPending = false
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// Without white space at the ends.
  func trimmingWhiteSpace() -> String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.isWhiteSpace }),
      let last = scalars.lastIndex(where: { !$0.isWhiteSpace })
    else { return "" }
    return String(scalars[first...last])
  }
}

extension Unicode.Scalar {
  /// As `properties.isWhitespace`, quick for ASCII.
  var isWhiteSpace: Bool {
    isASCII ? value == 0x20 || (value >= 0x09 && value <= 0x0D) : properties.isWhitespace
  }

  var isASCIIDigit: Bool { value >= 0x30 && value <= 0x39 }

  /// Ends a line or a paragraph.
  var isLineBreak: Bool { (value >= 0x0A && value <= 0x0D) || value == 0x85 || value == 0x2028 || value == 0x2029 }
}

extension Unicode.Scalar {
  var hexadecimalValue: UInt32? {
    switch value {
    case 0x30...0x39: value - 0x30
    case 0x41...0x46: value - 0x41 + 10
    case 0x61...0x66: value - 0x61 + 10
    default: nil
    }
  }
}
