/// Text as a regular expression that matches it and nothing else.
enum RegexLiteral {
  static func escape(_ text: String) -> String {
    var pattern = ""
    for scalar in text.unicodeScalars {
      if special.contains(scalar) { pattern.unicodeScalars.append("\\") }
      pattern.unicodeScalars.append(scalar)
    }
    return pattern
  }

  private static let special = Set("\\.+*?()|[]{}^$#&-~/ ".unicodeScalars.filter { $0 != " " && $0 != "/" })
}
