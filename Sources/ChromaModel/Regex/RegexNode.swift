/// A condition on a position in the text that consumes nothing.
enum Look: UInt8, Sendable, Hashable, CaseIterable {
  case textStart, textEnd
  case lineStart, lineEnd
  /// `(?mR)^` and `(?mR)$`: `\r\n`, `\r` and `\n` each end a line; between `\r` and `\n` there is none.
  case lineStartCRLF, lineEndCRLF
  case wordBoundary, notWordBoundary, wordStart, wordEnd, wordStartHalf, wordEndHalf
  case asciiWordBoundary, asciiNotWordBoundary, asciiWordStart, asciiWordEnd, asciiWordStartHalf, asciiWordEndHalf

  /// Its place in a set of conditions.
  var bit: UInt32 { 1 << UInt32(rawValue) }
}

/// A parsed pattern with its flags worked in: what it matches, no longer how it was written.
///
/// Groups and greed are gone: a search that only answers yes or no cannot see them. Nesting is at most
/// `RegexParser.nestLimit`, so recursion over a node is safe.
indirect enum RegexNode: Sendable, Hashable {
  case empty
  /// One scalar of the set; the empty set never matches.
  case scalars(ScalarSet)
  case look(Look)
  case concatenation([RegexNode])
  case alternation([RegexNode])
  /// At least `minimum` and at most `maximum` times; `nil` is without bound.
  case repetition(RegexNode, minimum: Int, maximum: Int?)
}
