/// The words of a text as Chroma's Python client splits it: anything but word characters and white space counts as a
/// space, the rest is lower-cased and split at white space.
///
/// Word characters and white space are Python's (`\w` and `\s` of its `re`), which leave out combining marks.
struct WordSequence: Sequence, IteratorProtocol {
  private let scalars: [Unicode.Scalar]
  private var position = 0

  init(_ text: String) {
    var cleaned = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { cleaned.append(Self.isWordCharacter(scalar) ? scalar : " ") }
    scalars = LowerCase.scalars(String(cleaned))
  }

  mutating func next() -> [Unicode.Scalar]? {
    while position < scalars.count, scalars[position] == " " { position += 1 }
    let start = position
    while position < scalars.count, scalars[position] != " " { position += 1 }
    return start < position ? Array(scalars[start..<position]) : nil
  }

  static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_": return true
      default: return false
      }
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
    default: return scalar.properties.numericType != nil
    }
  }
}
