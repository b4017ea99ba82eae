/// Cuts HTML or XML into tags and text. Whatever the text is, it gets to its end, in linear time and without
/// recursion; what is no tag is text.
struct MarkupTokenizer {
  enum Token {
    /// As written: references are not decoded.
    case text(Range<Int>)
    /// Text in which nothing is to be decoded.
    case literal(Range<Int>)
    /// Attributes as written. In HTML the name is in lower case.
    case start(name: String, attributes: Range<Int>, closesItself: Bool)
    case end(name: String)
  }

  enum Language {
    case html, xml
  }

  let scalars: [Unicode.Scalar]
  private let language: Language
  private var position = 0
  /// The element just begun whose content is no markup.
  private var rawName: String?
  // What was once looked for up to the end in vain is not looked for again.
  private var ignoresQuotes = false
  private var hasNoTagEnd = false
  private var hasNoCommentEnd = false
  private var endless: Set<String> = []

  init(_ text: String, language: Language) {
    scalars = Array(text.unicodeScalars)
    self.language = language
  }

  mutating func next() -> Token? {
    if let name = rawName {
      rawName = nil
      if let end = rawEnd(name), end > position {
        defer { position = end }
        return .literal(position..<end)
      }
    }
    while position < scalars.count {
      if scalars[position] == "<", let (token, end) = markup() {
        position = end
        guard let token else { continue }
        if case .start(let name, _, _) = token, language == .html, HTMLNames.raw.contains(name) { rawName = name }
        return token
      }
      let start = position
      position += 1
      while position < scalars.count, scalars[position] != "<" { position += 1 }
      return .text(start..<position)
    }
    return nil
  }

  /// The markup that begins with the `<` here, and where it ends. The token is `nil` for comments and their kind.
  private mutating func markup() -> (token: Token?, end: Int)? {
    guard position + 1 < scalars.count else { return nil }
    switch scalars[position + 1] {
    case "!":
      if starts(with: "<!--"), !hasNoCommentEnd {
        if let end = find("-->", from: position + 4) { return (nil, end + 3) }
        hasNoCommentEnd = true
      }
      if language == .xml, starts(with: "<![CDATA[") {
        let end = find("]]>", from: position + 9) ?? scalars.count
        return (.literal(position + 9..<end), min(end + 3, scalars.count))
      }
      return tagEnd(from: position + 2, honoringQuotes: false).map { (nil, $0 + 1) }
    case "?": return tagEnd(from: position + 2, honoringQuotes: false).map { (nil, $0 + 1) }
    case "/":
      guard let name = name(at: position + 2), let end = tagEnd(from: name.end, honoringQuotes: false) else {
        return nil
      }
      return (.end(name: name.text), end + 1)
    default:
      guard let name = name(at: position + 1), let end = tagEnd(from: name.end, honoringQuotes: true) else {
        return nil
      }
      let closesItself = end > name.end && scalars[end - 1] == "/"
      return (
        .start(name: name.text, attributes: name.end..<(closesItself ? end - 1 : end), closesItself: closesItself),
        end + 1
      )
    }
  }

  private func name(at start: Int) -> (text: String, end: Int)? {
    guard start < scalars.count, scalars[start].properties.isAlphabetic else { return nil }
    var end = start
    while end < scalars.count, !scalars[end].isWhiteSpace, scalars[end] != ">", scalars[end] != "/", scalars[end] != "<"
    {
      end += 1
    }
    let text = String(String.UnicodeScalarView(scalars[start..<end]))
    return (language == .html ? text.lowercased() : text, end)
  }

  /// The `>` that ends a tag; those in quoted values do not.
  private mutating func tagEnd(from start: Int, honoringQuotes: Bool) -> Int? {
    if hasNoTagEnd { return nil }
    if honoringQuotes, !ignoresQuotes {
      var quote: Unicode.Scalar?
      // A value may begin: behind "=".
      var isValue = false
      for index in start..<scalars.count {
        let scalar = scalars[index]
        if let mark = quote {
          if scalar == mark { quote = nil }
        } else if scalar == ">" {
          return index
        } else if isValue, scalar == "\"" || scalar == "'" {
          quote = scalar
          isValue = false
        } else if !scalar.isWhiteSpace {
          isValue = scalar == "="
        }
      }
      ignoresQuotes = true
    }
    if let end = scalars[start...].firstIndex(of: ">") { return end }
    hasNoTagEnd = true
    return nil
  }

  /// Where `</name` begins. Scripts and styles without an end go to the text's end, the rest is read as markup.
  private mutating func rawEnd(_ name: String) -> Int? {
    if endless.contains(name) { return nil }
    let letters = Array(name.unicodeScalars)
    var index = position
    while let start = scalars[index...].firstIndex(of: "<") {
      let rest = scalars[(start + 1)...]
      if rest.first == "/", rest.count > letters.count,
        zip(rest.dropFirst(), letters).allSatisfy({ $0.properties.lowercaseMapping == String(Character($1)) })
      {
        return start
      }
      index = start + 1
    }
    endless.insert(name)
    return name == "script" || name == "style" ? scalars.count : nil
  }

  private func starts(with text: String) -> Bool { scalars[position...].starts(with: text.unicodeScalars) }

  private func find(_ text: String, from start: Int) -> Int? {
    let wanted = Array(text.unicodeScalars)
    guard start + wanted.count <= scalars.count else { return nil }
    return (start...scalars.count - wanted.count).first { index in
      scalars[index] == wanted[0] && scalars[index..<index + wanted.count].elementsEqual(wanted)
    }
  }

  // MARK: What tokens say

  /// The value of an attribute, decoded; `nil` when the tag has none of that name (in lower case for HTML).
  func attribute(_ wanted: String, in attributes: Range<Int>) -> String? {
    var index = attributes.lowerBound
    let end = attributes.upperBound
    func skip(while condition: (Unicode.Scalar) -> Bool) { while index < end, condition(scalars[index]) { index += 1 } }
    while index < end {
      skip { $0.isWhiteSpace || $0 == "/" || $0 == "=" }
      let nameStart = index
      skip { !$0.isWhiteSpace && $0 != "=" && $0 != "/" }
      let name = String(String.UnicodeScalarView(scalars[nameStart..<index]))
      skip(while: \.isWhiteSpace)
      var value = index..<index
      if index < end, scalars[index] == "=" {
        index += 1
        skip(while: \.isWhiteSpace)
        if index < end, scalars[index] == "\"" || scalars[index] == "'" {
          let quote = scalars[index]
          index += 1
          let start = index
          skip { $0 != quote }
          value = start..<index
          index += 1
        } else {
          let start = index
          skip { !$0.isWhiteSpace }
          value = start..<index
        }
      }
      if (language == .html ? name.lowercased() : name) == wanted { return decoded(value) }
    }
    return nil
  }

  /// The text with its references decoded.
  func decoded(_ range: Range<Int>) -> String {
    var result = String.UnicodeScalarView()
    var index = range.lowerBound
    while index < range.upperBound {
      if scalars[index] == "&", let entity = Entities.read(scalars, at: index), entity.end <= range.upperBound {
        result.append(contentsOf: entity.text.unicodeScalars)
        index = entity.end
      } else {
        result.append(scalars[index])
        index += 1
      }
    }
    return String(result)
  }

  /// The text as written.
  func literal(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }
}
