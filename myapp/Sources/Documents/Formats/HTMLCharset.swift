/// The charset that an HTML page or an XML file declares in its first bytes.
enum HTMLCharset {
  /// Looks for `<meta charset=…>`, `content="…; charset=…"` and `<?xml encoding=…?>`, as ASCII.
  static func declared(in bytes: [UInt8]) -> String? {
    // Browsers look at 1,024 bytes; pages of old have it later.
    let head = String(decoding: bytes.prefix(4096).map { $0 < 0x80 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
      .lowercased()
    for key in ["charset", "encoding"] {
      var rest = head[...]
      while let found = rest.firstRange(of: key) {
        rest = rest[found.upperBound...]
        let value = rest.drop { $0.isWhitespace }
        // In the markup of a tag, not in the page's words.
        guard value.first == "=",
          head[..<found.lowerBound].lastIndex(of: "<") ?? head.startIndex
            >= head[..<found.lowerBound].lastIndex(of: ">") ?? head.startIndex
        else { continue }
        let name = value.dropFirst().drop { $0.isWhitespace || $0 == "\"" || $0 == "'" }
          .prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        // A page whose tags can be read as ASCII is not in UTF-16, whatever it says.
        if !name.isEmpty { return name.hasPrefix("utf-16") ? "utf-8" : String(name) }
      }
    }
    return nil
  }
}
