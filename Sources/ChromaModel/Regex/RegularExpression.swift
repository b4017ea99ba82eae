/// A pattern of `$regex` and `$not_regex`: the dialect of the Rust crate `regex` in Unicode mode, searched unanchored.
///
/// There is no backtracking and therefore neither look-around nor backreferences: whatever the pattern, a search takes
/// time linear in the text. Script names and case folding follow Unicode `UnicodeTables.version`, other properties the
/// Swift standard library.
public struct RegularExpression: Sendable, Hashable {
  public let pattern: String
  private let program: RegexProgram
  /// Every match holds these byte strings.
  package let literalRequirement: LiteralRequirement

  /// - Throws: when the pattern is malformed, nested deeper than 250 levels, or larger than 10 MB compiled.
  /// - Complexity: O(n) for a pattern of n bytes, plus at most the size limit.
  public init(_ pattern: String) throws(RegularExpressionError) {
    let node = try RegexParser.parse(pattern)
    self.pattern = pattern
    do {
      program = try RegexCompiler.compile(node)
    } catch {
      throw RegularExpressionError(RegexCompiler.sizeLimitReason, at: [0..<0], in: Array(pattern.unicodeScalars))
    }
    literalRequirement = LiteralAnalysis.requirement(of: node)
  }

  /// Whether the pattern occurs anywhere in `text`. For many texts, keep a matcher.
  public func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { makeMatcher().matches($0) }
  }

  /// A matcher for one thread and one query.
  package func makeMatcher() -> RegularExpressionMatcher { RegularExpressionMatcher(program) }

  /// As `makeMatcher()`, with a bound of the caller's on its table.
  package func makeMatcher(cacheLimit: Int) -> RegularExpressionMatcher {
    RegularExpressionMatcher(program, cacheLimit: cacheLimit)
  }

  public static func == (left: Self, right: Self) -> Bool { left.pattern.utf8.elementsEqual(right.pattern.utf8) }

  public func hash(into hasher: inout Hasher) {
    for byte in pattern.utf8 { hasher.combine(byte) }
  }
}
