/// What a backslash and the letters after it stand for.
enum RegexEscape {
  case literal(Unicode.Scalar)
  case scalars(ScalarSet)
  case look(Look)

  func piece(in parser: inout RegexParser, from start: Int) throws(RegularExpressionError) -> RegexParser.Piece {
    switch self {
    case .literal(let scalar): parser.literal(scalar)
    case .scalars(let set): .init(node: .scalars(set))
    case .look(let look): .init(node: .look(look), isZeroWidth: true)
    }
  }
}

extension RegexParser {
  /// At a backslash, inside a class or outside.
  mutating func parseEscape() throws(RegularExpressionError) -> RegexEscape {
    let start = position
    position += 1
    guard let scalar = current else { throw incompleteEscape(from: start) }
    position += 1
    let span = start..<position
    switch scalar {
    case "0"..."9": throw failure("backreferences are not supported", span)
    case "x": return .literal(try parseHexadecimal(digits: 2, from: start))
    case "u": return .literal(try parseHexadecimal(digits: 4, from: start))
    case "U": return .literal(try parseHexadecimal(digits: 8, from: start))
    case "p", "P": return .scalars(try parseNamedClass(negated: scalar == "P", from: start))
    case "d": return .scalars(try perlClass(UnicodeClass.digit, ascii: .asciiDigit, negated: false, span))
    case "D": return .scalars(try perlClass(UnicodeClass.digit, ascii: .asciiDigit, negated: true, span))
    case "s": return .scalars(try perlClass(UnicodeClass.space, ascii: .asciiSpace, negated: false, span))
    case "S": return .scalars(try perlClass(UnicodeClass.space, ascii: .asciiSpace, negated: true, span))
    case "w": return .scalars(try perlClass(UnicodeClass.word, ascii: .asciiWord, negated: false, span))
    case "W": return .scalars(try perlClass(UnicodeClass.word, ascii: .asciiWord, negated: true, span))
    case "a": return .literal("\u{07}")
    case "f": return .literal("\u{0C}")
    case "t": return .literal("\t")
    case "r": return .literal("\r")
    case "n": return .literal("\n")
    case "v": return .literal("\u{0B}")
    case "A": return .look(.textStart)
    case "z": return .look(.textEnd)
    case "B": return .look(flags.unicode ? .notWordBoundary : .asciiNotWordBoundary)
    case "<": return .look(flags.unicode ? .wordStart : .asciiWordStart)
    case ">": return .look(flags.unicode ? .wordEnd : .asciiWordEnd)
    case "b":
      if current == "{", let look = try parseSpecialWordBoundary(from: start) { return .look(look) }
      return .look(flags.unicode ? .wordBoundary : .asciiWordBoundary)
    default:
      // Any other ASCII character but a letter stands for itself; letters are kept for later syntax.
      if scalar.isASCII, !("a"..."z" ~= scalar), !("A"..."Z" ~= scalar) { return .literal(scalar) }
      throw failure("unrecognized escape sequence", span)
    }
  }

  private func incompleteEscape(from start: Int) -> RegularExpressionError {
    failure("incomplete escape sequence, reached end of pattern prematurely", start..<position)
  }

  /// After `\b`, at `{`: the name of a boundary, or `nil` where a counted repetition begins.
  private mutating func parseSpecialWordBoundary(from escape: Int) throws(RegularExpressionError) -> Look? {
    let brace = position
    position += 1
    skipSpace()
    guard let first = current else {
      throw failure(
        "found either the beginning of a special word boundary or a bounded repetition on a \\b with an opening brace, "
          + "but no closing brace", escape..<position)
    }
    func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
      "a"..."z" ~= scalar || "A"..."Z" ~= scalar || scalar == "-"
    }
    guard isNamePart(first) else {
      position = brace
      return nil
    }
    let start = position
    var name = ""
    while let scalar = current, isNamePart(scalar) {
      name.unicodeScalars.append(scalar)
      position += 1
      skipSpace()
    }
    guard current == "}" else {
      throw failure(
        "special word boundary assertion is either unclosed or contains an invalid character", brace..<position)
    }
    let end = position
    position += 1
    switch name {
    case "start": return flags.unicode ? .wordStart : .asciiWordStart
    case "end": return flags.unicode ? .wordEnd : .asciiWordEnd
    case "start-half": return flags.unicode ? .wordStartHalf : .asciiWordStartHalf
    case "end-half": return flags.unicode ? .wordEndHalf : .asciiWordEndHalf
    default:
      throw failure(
        "unrecognized special word boundary assertion, valid choices are: start, end, start-half or end-half",
        start..<end)
    }
  }

  /// After `\x`, `\u` or `\U`: that many digits, or any number in braces.
  private mutating func parseHexadecimal(
    digits: Int, from start: Int
  ) throws(RegularExpressionError) -> Unicode.Scalar {
    skipSpace()
    guard current != nil else { throw incompleteEscape(from: position) }
    let braced = current == "{"
    let brace = position
    if braced {
      position += 1
      skipSpace()
    }
    let first = position
    var value: UInt32 = 0
    var count = 0
    while braced ? current != "}" : count < digits {
      guard let scalar = current else { throw incompleteEscape(from: braced ? brace : position) }
      guard let digit = Character(scalar).hexDigitValue, scalar.isASCII else {
        throw failure("invalid hexadecimal digit", position..<position + 1)
      }
      // Saturates above the last scalar, so that it cannot overflow.
      value = min(value &* 16 &+ UInt32(digit), ScalarSet.last + 1)
      count += 1
      position += 1
      skipSpace()
    }
    let last = position
    if braced { position += 1 }
    if count == 0 { throw failure("hexadecimal literal empty", brace..<position) }
    guard let scalar = Unicode.Scalar(value) else {
      throw failure("hexadecimal literal is not a Unicode scalar value", first..<last)
    }
    if !flags.unicode, !braced, digits == 2, value > 0x7F {
      throw failure("pattern can match invalid UTF-8", start..<position)
    }
    return scalar
  }

  /// After `\p` or `\P`.
  private mutating func parseNamedClass(
    negated: Bool, from start: Int
  ) throws(RegularExpressionError) -> ScalarSet {
    skipSpace()
    guard let first = current else { throw incompleteEscape(from: position) }
    position += 1
    var name = String(scalars: [first])
    if first == "\\" { throw failure("invalid Unicode character class", position - 1..<position) }
    if first == "{" {
      name = ""
      skipSpace()
      while let scalar = current, scalar != "}" {
        name.unicodeScalars.append(scalar)
        position += 1
        skipSpace()
      }
      guard current != nil else { throw incompleteEscape(from: position) }
      position += 1
    }
    let span = start..<position
    guard flags.unicode else { throw failure("Unicode not allowed here", span) }
    var negated = negated
    var set: ScalarSet
    do throws(UnicodeClass.Failure) {
      if let sign = name.firstRange(of: "!=") ?? name.firstRange(of: ":") ?? name.firstRange(of: "=") {
        if name[sign] == "!=" { negated.toggle() }
        set = try UnicodeClass.named(String(name[..<sign.lowerBound]), value: String(name[sign.upperBound...]))
      } else {
        set = try UnicodeClass.named(name)
      }
    } catch {
      throw failure(
        error == .valueNotFound ? "Unicode property value not found" : "Unicode property not found", span)
    }
    if flags.caseInsensitive {
      try countClassWork(set.ranges.count, at: span)
      set = CaseFolding.closure(of: set)
    }
    if negated { try countClassWork(set.ranges.count, at: span) }
    return negated ? set.inverted : set
  }

  private mutating func perlClass(
    _ set: ScalarSet, ascii: ScalarSet, negated: Bool, _ span: Range<Int>
  ) throws(RegularExpressionError) -> ScalarSet {
    if !flags.unicode {
      if negated { throw failure("pattern can match invalid UTF-8", span) }
      sawByteClass = true
      return ascii
    }
    if negated { try countClassWork(set.ranges.count, at: span) }
    return negated ? set.inverted : set
  }

  /// Refuses patterns whose classes would take seconds or gigabytes to build.
  mutating func countClassWork(_ ranges: Int, at span: Range<Int>) throws(RegularExpressionError) {
    classWork += ranges
    if classWork > Self.classWorkLimit { throw failure(RegexCompiler.sizeLimitReason, span) }
  }
}
