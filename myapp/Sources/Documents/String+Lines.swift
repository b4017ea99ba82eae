extension String {
  /// The parts between line feeds.
  func lines() -> [Substring] {
    utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Substring($0) }
  }
}

extension Substring {
  func trimmedStart() -> Substring {
    let scalars = unicodeScalars
    return self[(scalars.firstIndex { !$0.isWhiteSpace } ?? endIndex)...]
  }

  func trimmed() -> Substring {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.isWhiteSpace }),
      let last = scalars.lastIndex(where: { !$0.isWhiteSpace })
    else { return self[endIndex...] }
    return self[first..<scalars.index(after: last)]
  }

  /// The columns of white space the line begins with; a tab goes to the next multiple of four.
  var indent: Int {
    var column = 0
    for byte in utf8 {
      if byte == 0x20 { column += 1 } else if byte == 0x09 { column += 4 - column % 4 } else { break }
    }
    return column
  }

  /// Without its first `columns` of white space.
  func dropIndent(_ columns: Int) -> Substring {
    var column = 0
    let rest = utf8.drop { byte in
      guard column < columns, byte == 0x20 || byte == 0x09 else { return false }
      column += byte == 0x20 ? 1 : 4 - column % 4
      return true
    }
    return Substring(rest)
  }

  /// Without the `>` of block quotes.
  func withoutQuoteMarks() -> Substring {
    var line = self
    while line.indent < 4, line.trimmedStart().first == ">" {
      line = line.trimmedStart().dropFirst()
      if line.first == " " { line = line.dropFirst() }
    }
    return line
  }
}
