extension StringProtocol {
  /// Without the blanks, tabs and line breaks at both ends; whatever else Unicode calls a space stays.
  var trimmed: String {
    var text = Substring(self).unicodeScalars
    while let first = text.first, first.isBlank { text.removeFirst() }
    while let last = text.last, last.isBlank { text.removeLast() }
    return String(text)
  }

  /// Whether both are the same bytes. `==` also holds for two spellings of one text, which elsewhere are two names.
  func isSame(as other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension Unicode.Scalar {
  fileprivate var isBlank: Bool { self == " " || self == "\t" || self == "\r" || self == "\n" }
}
