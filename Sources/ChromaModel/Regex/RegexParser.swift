/// Reads a pattern of Chroma's dialect, that of the Rust crate `regex-syntax` 0.8 in Unicode mode, into a `RegexNode`.
///
/// It keeps its own stack, so no pattern can exhaust the thread's, and reads each scalar a bounded number of times.
struct RegexParser {
  /// As `regex-syntax`: no tree may be deeper.
  static let nestLimit = 250
  /// How many scalar ranges the classes of one pattern may cost to build. A pattern past it would not compile either.
  static let classWorkLimit = 1 << 22

  /// What a group opens with and `(?flags)` changes.
  struct Flags {
    var caseInsensitive = false
    var multiLine = false
    var dotMatchesNewline = false
    var swapGreed = false
    var unicode = true
    var crlf = false
    var ignoreWhitespace = false
  }

  /// A node and what its parents need to know of it.
  struct Piece {
    var node: RegexNode
    var depth = 0
    /// Matches nothing but the empty string.
    var isZeroWidth = false
    /// Cannot be repeated: the empty pattern and `(?flags)`.
    var isDirective = false
  }

  /// An open group, or the whole pattern at the bottom.
  private struct Frame {
    var open: Range<Int>
    var outerFlags: Flags
    var alternatives: [Piece] = []
    var items: [Piece] = []
  }

  let pattern: [Unicode.Scalar]
  var position = 0
  var flags = Flags()
  var classWork = 0
  var sawByteClass = false
  private var groupNames: [String: Range<Int>] = [:]

  init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

  static func parse(_ pattern: String) throws(RegularExpressionError) -> RegexNode {
    var parser = RegexParser(pattern)
    return try parser.parse()
  }

  private mutating func parse() throws(RegularExpressionError) -> RegexNode {
    var frame = Frame(open: 0..<0, outerFlags: flags)
    var stack: [Frame] = []
    while true {
      skipSpace()
      guard let scalar = current else { break }
      switch scalar {
      case "(":
        if let directive = try parseGroupOpening(&frame, &stack) { frame.items.append(directive) }
      case ")":
        guard var outer = stack.popLast() else { throw failure("unopened group", position..<position + 1) }
        var group = try finish(frame)
        group.depth += 1
        group.isDirective = false
        try checkDepth(group.depth, at: frame.open)
        flags = frame.outerFlags
        position += 1
        outer.items.append(group)
        frame = outer
      case "|":
        position += 1
        frame.alternatives.append(try concatenation(frame.items))
        frame.items = []
      case "[":
        frame.items.append(try parseClass())
      case "*", "+", "?":
        let (minimum, maximum): (Int, Int?) = scalar == "*" ? (0, nil) : scalar == "+" ? (1, nil) : (0, 1)
        let operand = try popRepeatable(&frame)
        position += 1
        if current == "?" { position += 1 }
        frame.items.append(try repetition(operand, minimum, maximum))
      case "{":
        frame.items.append(try parseCountedRepetition(popRepeatable(&frame)))
      default:
        frame.items.append(try parsePrimitive())
      }
    }
    if !stack.isEmpty { throw failure("unclosed group", frame.open) }
    let whole = try finish(frame)
    if sawByteClass { throw .bytePattern }
    return whole.node
  }

  // MARK: Groups

  /// At `(`: opens a group, or reads a whole `(?flags)`.
  private mutating func parseGroupOpening(
    _ frame: inout Frame, _ stack: inout [Frame]
  ) throws(RegularExpressionError) -> Piece? {
    let open = position..<position + 1
    position += 1
    skipSpace()
    for prefix in ["?=", "?!", "?<=", "?<!"] where starts(with: prefix) {
      let span = open.lowerBound..<position + prefix.count
      throw failure("look-around, including look-ahead and look-behind, is not supported", span)
    }
    var inner = flags
    if starts(with: "?P<") || starts(with: "?<") {
      position += starts(with: "?P<") ? 3 : 2
      try parseGroupName()
    } else if current == "?" {
      let question = position
      position += 1
      guard current != nil else { throw failure("unclosed group", open) }
      let first = position
      inner = try parseFlags()
      let isDirective = current == ")"
      let isEmpty = position == first
      position += 1
      if isDirective {
        if isEmpty { throw failure("repetition operator missing expression", question..<question + 1) }
        flags = inner
        return Piece(node: .empty, isZeroWidth: true, isDirective: true)
      }
    }
    guard stack.count <= Self.nestLimit else { throw tooDeep(at: open) }
    stack.append(frame)
    frame = Frame(open: open, outerFlags: flags)
    flags = inner
    return nil
  }

  private mutating func parseGroupName() throws(RegularExpressionError) {
    let start = position
    while let scalar = current, scalar != ">" {
      let isLetter = scalar == "_" || scalar.properties.isAlphabetic
      let isLater = scalar == "." || scalar == "[" || scalar == "]" || scalar.properties.numericType != nil
      guard isLetter || (position > start && isLater) else {
        throw failure("invalid capture group character", position..<position + 1)
      }
      position += 1
    }
    guard current != nil else { throw failure("unclosed capture group name", position..<position) }
    if start == position { throw failure("empty capture group name", start..<start) }
    let name = String(scalars: pattern[start..<position])
    if let original = groupNames.updateValue(start..<position, forKey: name) {
      throw failure("duplicate capture group name", start..<position, original)
    }
    position += 1
  }

  /// Reads up to `:` or `)`, which it leaves.
  private mutating func parseFlags() throws(RegularExpressionError) -> Flags {
    var result = flags
    var negation: Range<Int>?
    var lastWasNegation = false
    var seen: [Unicode.Scalar: Range<Int>] = [:]
    while let scalar = current, scalar != ":", scalar != ")" {
      let here = position..<position + 1
      lastWasNegation = scalar == "-"
      if scalar == "-" {
        if let negation { throw failure("flag negation operator repeated", here, negation) }
        negation = here
      } else {
        let on = negation == nil
        switch scalar {
        case "i": result.caseInsensitive = on
        case "m": result.multiLine = on
        case "s": result.dotMatchesNewline = on
        case "U": result.swapGreed = on
        case "u": result.unicode = on
        case "R": result.crlf = on
        case "x": result.ignoreWhitespace = on
        default: throw failure("unrecognized flag", here)
        }
        if let original = seen.updateValue(here, forKey: scalar) { throw failure("duplicate flag", here, original) }
      }
      position += 1
    }
    guard current != nil else { throw failure("expected flag but got end of regex", position..<position) }
    if lastWasNegation, let negation { throw failure("dangling flag negation operator", negation) }
    return result
  }

  private func finish(_ frame: Frame) throws(RegularExpressionError) -> Piece {
    let last = try concatenation(frame.items)
    if frame.alternatives.isEmpty { return last }
    let pieces = frame.alternatives + [last]
    let depth = (pieces.lazy.map(\.depth).max() ?? 0) + 1
    try checkDepth(depth, at: frame.open)
    if let set = Self.union(of: pieces) { return Piece(node: .scalars(set), depth: depth) }
    return Piece(
      node: .alternation(pieces.map(\.node)), depth: depth, isZeroWidth: pieces.allSatisfy(\.isZeroWidth))
  }

  /// Alternatives that are one scalar each are a class.
  private static func union(of pieces: [Piece]) -> ScalarSet? {
    var ranges: [ScalarRange] = []
    for piece in pieces {
      guard case .scalars(let set) = piece.node, ranges.count < 10_000 else { return nil }
      ranges += set.ranges
    }
    return ScalarSet(ranges)
  }

  private func concatenation(_ items: [Piece]) throws(RegularExpressionError) -> Piece {
    guard let first = items.first else { return Piece(node: .empty, isZeroWidth: true, isDirective: true) }
    if items.count == 1 { return first }
    let depth = (items.lazy.map(\.depth).max() ?? 0) + 1
    try checkDepth(depth, at: position..<position)
    let nodes = items.map(\.node).filter { $0 != .empty }
    let node: RegexNode = nodes.count > 1 ? .concatenation(nodes) : nodes.first ?? .empty
    return Piece(node: node, depth: depth, isZeroWidth: items.allSatisfy(\.isZeroWidth))
  }

  // MARK: Repetition

  private mutating func popRepeatable(_ frame: inout Frame) throws(RegularExpressionError) -> Piece {
    guard let operand = frame.items.popLast(), !operand.isDirective else {
      throw failure("repetition operator missing expression", position..<position + 1)
    }
    return operand
  }

  private func repetition(
    _ operand: Piece, _ minimum: Int, _ maximum: Int?
  ) throws(RegularExpressionError) -> Piece {
    let depth = operand.depth + 1
    try checkDepth(depth, at: position..<position)
    var result = Piece(node: .empty, depth: depth, isZeroWidth: true)
    if operand.node == .empty || maximum == 0 { return result }
    if operand.isZeroWidth {
      // A condition that holds once holds any number of times.
      result.node = .repetition(operand.node, minimum: min(minimum, 1), maximum: 1)
    } else {
      result.node = .repetition(operand.node, minimum: minimum, maximum: maximum)
      result.isZeroWidth = false
    }
    return result
  }

  /// At `{`.
  private mutating func parseCountedRepetition(_ operand: Piece) throws(RegularExpressionError) -> Piece {
    let start = position
    position += 1
    skipSpace()
    guard current != nil else { throw failure("unclosed counted repetition", start..<position) }
    let minimum = try parseDecimal()
    guard current != nil else { throw failure("unclosed counted repetition", start..<position) }
    var maximum: Int? = minimum
    if current == "," {
      position += 1
      skipSpace()
      guard current != nil else { throw failure("unclosed counted repetition", start..<position) }
      maximum = current == "}" ? nil : try parseDecimal()
    }
    guard current == "}" else { throw failure("unclosed counted repetition", start..<position) }
    position += 1
    skipSpace()
    if current == "?" { position += 1 }
    if let maximum, maximum < minimum {
      throw failure("invalid repetition count range, the start must be <= the end", start..<position)
    }
    return try repetition(operand, minimum, maximum)
  }

  /// A number of at most 32 bits, with any white space around it.
  private mutating func parseDecimal() throws(RegularExpressionError) -> Int {
    while let scalar = current, scalar.properties.isWhitespace { position += 1 }
    let start = position
    var value = 0
    while let scalar = current, let digit = scalar.decimalDigit {
      value = min(value * 10 + digit, Int(UInt32.max) + 1)
      position += 1
    }
    let digits = start..<position
    while let scalar = current, scalar.properties.isWhitespace { position += 1 }
    if digits.isEmpty { throw failure("repetition quantifier expects a valid decimal", digits) }
    if value > Int(UInt32.max) { throw failure("decimal literal invalid", digits) }
    return value
  }

  // MARK: Single scalars

  private mutating func parsePrimitive() throws(RegularExpressionError) -> Piece {
    guard let scalar = current else { return Piece(node: .empty, isZeroWidth: true, isDirective: true) }
    let start = position
    switch scalar {
    case "\\": return try parseEscape().piece(in: &self, from: start)
    case ".":
      position += 1
      guard flags.unicode else { throw failure("pattern can match invalid UTF-8", start..<position) }
      var excluded: [ScalarRange] = []
      if !flags.dotMatchesNewline {
        excluded.append(ScalarRange(low: 0x0A, high: 0x0A))
        if flags.crlf { excluded.append(ScalarRange(low: 0x0D, high: 0x0D)) }
      }
      return Piece(node: .scalars(ScalarSet(excluded).inverted))
    case "^":
      position += 1
      let look: Look = flags.multiLine ? (flags.crlf ? .lineStartCRLF : .lineStart) : .textStart
      return Piece(node: .look(look), isZeroWidth: true)
    case "$":
      position += 1
      let look: Look = flags.multiLine ? (flags.crlf ? .lineEndCRLF : .lineEnd) : .textEnd
      return Piece(node: .look(look), isZeroWidth: true)
    default:
      position += 1
      return literal(scalar)
    }
  }

  mutating func literal(_ scalar: Unicode.Scalar) -> Piece {
    let set = ScalarSet(scalar)
    guard flags.caseInsensitive else { return Piece(node: .scalars(set)) }
    let folded = CaseFolding.closure(of: set)
    if !flags.unicode, folded != set { sawByteClass = true }
    return Piece(node: .scalars(folded))
  }

  // MARK: Reading

  var current: Unicode.Scalar? { position < pattern.count ? pattern[position] : nil }
  var next: Unicode.Scalar? { position + 1 < pattern.count ? pattern[position + 1] : nil }

  func starts(with text: String) -> Bool { pattern[position...].starts(with: text.unicodeScalars) }

  /// Under `(?x)`, skips white space and comments.
  mutating func skipSpace() {
    guard flags.ignoreWhitespace else { return }
    while let scalar = current {
      if scalar.properties.isPatternWhitespace || scalar.properties.isWhitespace {
        position += 1
      } else if scalar == "#" {
        while let skipped = current {
          position += 1
          if skipped == "\n" { break }
        }
      } else {
        return
      }
    }
  }

  func failure(_ reason: String, _ spans: Range<Int>...) -> RegularExpressionError {
    RegularExpressionError(reason, at: spans, in: pattern)
  }

  func checkDepth(_ depth: Int, at span: Range<Int>) throws(RegularExpressionError) {
    if depth > Self.nestLimit { throw tooDeep(at: span) }
  }

  func tooDeep(at span: Range<Int>) -> RegularExpressionError {
    failure("exceed the maximum number of nested parentheses/brackets (\(Self.nestLimit))", span)
  }
}

extension Unicode.Scalar {
  fileprivate var decimalDigit: Int? { "0"..."9" ~= self ? Int(value) - 0x30 : nil }
}
