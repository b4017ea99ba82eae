/// Bracketed classes: `[a-z]`, `[^…]`, nested ones, `[[:alpha:]]`, and the operators `&&`, `--` and `~~`.
extension RegexParser {
  private enum Operator { case intersection, difference, symmetricDifference }

  /// An open bracket: what stands left of the last operator, that operator, and the union being read.
  private struct Bracket {
    var open: Int
    var isNegated = false
    var left: (set: ScalarSet, operation: Operator)?
    var ranges: [ScalarRange] = []
    /// Named classes already in `ranges`: naming one a thousand times costs no more than once.
    var seen: Set<ScalarSet> = []
    var isEmpty = true
    var depth = 1
  }

  /// At `[`.
  mutating func parseClass() throws(RegularExpressionError) -> Piece {
    var stack: [Bracket] = []
    var bracket = try openBracket()
    while true {
      skipSpace()
      guard let scalar = current else { throw unclosed(bracket) }
      switch scalar {
      case "[":
        if let (set, span) = parseASCIIClass() {
          try add(fold(set.set, set.negated, span), to: &bracket, span)
        } else {
          try checkDepth(stack.count + bracket.depth + 1, at: position..<position + 1)
          stack.append(bracket)
          bracket = try openBracket()
        }
      case "]":
        position += 1
        let span = bracket.open..<position
        let set = try close(bracket, span)
        guard var outer = stack.popLast() else {
          if !flags.unicode, set.single == nil {
            if bracket.isNegated { throw failure("pattern can match invalid UTF-8", span) }
            sawByteClass = true
          }
          return Piece(node: .scalars(set), depth: 1)
        }
        try add(set, to: &outer, span)
        outer.depth = max(outer.depth, bracket.depth + 1)
        try checkDepth(stack.count + outer.depth, at: span)
        bracket = outer
      case "&" where next == "&": try pushOperator(.intersection, &bracket)
      case "-" where next == "-": try pushOperator(.difference, &bracket)
      case "~" where next == "~": try pushOperator(.symmetricDifference, &bracket)
      default: try parseRange(into: &bracket)
      }
    }
  }

  private func unclosed(_ bracket: Bracket) -> RegularExpressionError {
    failure("unclosed character class", bracket.open..<bracket.open + 1)
  }

  /// At `[`: reads `[`, `[^` and the characters that are literal only here (leading `-`, then a first `]`).
  private mutating func openBracket() throws(RegularExpressionError) -> Bracket {
    var bracket = Bracket(open: position)
    position += 1
    skipSpace()
    if current == "^" {
      bracket.isNegated = true
      position += 1
      skipSpace()
      if current == nil { throw failure("unclosed character class", bracket.open..<position) }
    }
    while current == "-" {
      append("-", to: &bracket)
      position += 1
      skipSpace()
    }
    if bracket.isEmpty, current == "]" {
      append("]", to: &bracket)
      position += 1
      skipSpace()
      if current == nil { throw failure("unclosed character class", bracket.open..<position) }
    }
    guard current != nil else { throw unclosed(bracket) }
    return bracket
  }

  private func append(_ scalar: Unicode.Scalar, to bracket: inout Bracket) {
    bracket.ranges.append(ScalarRange(low: scalar.value, high: scalar.value))
    bracket.isEmpty = false
  }

  private mutating func add(
    _ set: ScalarSet, to bracket: inout Bracket, _ span: Range<Int>
  ) throws(RegularExpressionError) {
    bracket.isEmpty = false
    if set.ranges.count > 1, !bracket.seen.insert(set).inserted { return }
    try countClassWork(set.ranges.count, at: span)
    bracket.ranges += set.ranges
  }

  private mutating func pushOperator(
    _ operation: Operator, _ bracket: inout Bracket
  ) throws(RegularExpressionError) {
    let set = try combined(bracket, bracket.open..<position)
    position += 2
    bracket.depth += 1
    try checkDepth(bracket.depth, at: position - 2..<position)
    bracket.left = (set, operation)
    bracket.ranges = []
    bracket.seen = []
    bracket.isEmpty = true
  }

  /// The operators bind equally, from the left.
  private mutating func combined(
    _ bracket: Bracket, _ span: Range<Int>
  ) throws(RegularExpressionError) -> ScalarSet {
    let right = try fold(ScalarSet(bracket.ranges), false, span)
    guard let left = bracket.left else { return right }
    try countClassWork(left.set.ranges.count, at: span)
    switch left.operation {
    case .intersection: return left.set.intersection(right)
    case .difference: return left.set.subtracting(right)
    case .symmetricDifference: return left.set.symmetricDifference(right)
    }
  }

  private mutating func close(_ bracket: Bracket, _ span: Range<Int>) throws(RegularExpressionError) -> ScalarSet {
    let set = try combined(bracket, span)
    return bracket.isNegated ? set.inverted : set
  }

  /// Case folding comes before negation.
  private mutating func fold(
    _ set: ScalarSet, _ negated: Bool, _ span: Range<Int>
  ) throws(RegularExpressionError) -> ScalarSet {
    try countClassWork(set.ranges.count, at: span)
    let folded = flags.caseInsensitive ? CaseFolding.closure(of: set) : set
    return negated ? folded.inverted : folded
  }

  private mutating func parseRange(into bracket: inout Bracket) throws(RegularExpressionError) {
    let start = position
    let first = try parseClassItem()
    let firstSpan = start..<position
    skipSpace()
    guard current != nil else { throw unclosed(bracket) }
    let after = current == "-" ? scalarAfterSpace : nil
    guard current == "-", after != "]", after != "-" else {
      switch first {
      case .literal(let scalar): append(scalar, to: &bracket)
      case .scalars(let set): try add(set, to: &bracket, firstSpan)
      case .look: throw failure("invalid escape sequence found in character class", firstSpan)
      }
      return
    }
    position += 1
    skipSpace()
    guard current != nil else { throw unclosed(bracket) }
    let secondStart = position
    let second = try parseClassItem()
    guard case .literal(let low) = first else {
      throw failure("invalid range boundary, must be a literal", firstSpan)
    }
    guard case .literal(let high) = second else {
      throw failure("invalid range boundary, must be a literal", secondStart..<position)
    }
    guard low <= high else {
      throw failure("invalid character class range, the start must be <= the end", start..<position)
    }
    bracket.ranges.append(ScalarRange(low: low.value, high: high.value))
    bracket.isEmpty = false
  }

  private mutating func parseClassItem() throws(RegularExpressionError) -> RegexEscape {
    guard let scalar = current else { return .literal("\0") }
    if scalar == "\\" { return try parseEscape() }
    position += 1
    return .literal(scalar)
  }

  /// What follows the current scalar, under `(?x)` after white space and comments.
  private var scalarAfterSpace: Unicode.Scalar? {
    guard flags.ignoreWhitespace else { return next }
    var ahead = self
    ahead.position += 1
    ahead.skipSpace()
    return ahead.current
  }

  /// At `[` inside a class: `[:name:]` or `[:^name:]`. Anything else stays unread.
  private mutating func parseASCIIClass() -> (set: (set: ScalarSet, negated: Bool), span: Range<Int>)? {
    guard next == ":" else { return nil }
    var index = position + 2
    var negated = false
    if index < pattern.count, pattern[index] == "^" {
      negated = true
      index += 1
    }
    let start = index
    // The longest name has six letters.
    while index < pattern.count, index - start <= 6, "a"..."z" ~= pattern[index] { index += 1 }
    guard index + 1 < pattern.count, pattern[index] == ":", pattern[index + 1] == "]",
      let set = ScalarSet.asciiClass(String(scalars: pattern[start..<index]))
    else { return nil }
    let span = position..<index + 2
    position = index + 2
    return ((set, negated), span)
  }
}

extension ScalarSet {
  static let asciiDigit = ascii("09")
  static let asciiSpace = ascii("\t\r  ")
  static let asciiWord = ascii("09AZ__az")

  /// - Parameter bounds: pairs of first and last.
  private static func ascii(_ bounds: String) -> ScalarSet {
    let values = bounds.unicodeScalars.map(\.value)
    return ScalarSet(
      stride(from: 0, to: values.count - 1, by: 2).map { ScalarRange(low: values[$0], high: values[$0 + 1]) })
  }

  static func asciiClass(_ name: String) -> ScalarSet? {
    switch name {
    case "alnum": ascii("09AZaz")
    case "alpha": ascii("AZaz")
    case "ascii": ascii("\0\u{7F}")
    case "blank": ascii("\t\t  ")
    case "cntrl": ascii("\0\u{1F}\u{7F}\u{7F}")
    case "digit": asciiDigit
    case "graph": ascii("!~")
    case "lower": ascii("az")
    case "print": ascii(" ~")
    case "punct": ascii("!/:@[`{~")
    case "space": asciiSpace
    case "upper": ascii("AZ")
    case "word": asciiWord
    case "xdigit": ascii("09AFaf")
    default: nil
    }
  }
}
