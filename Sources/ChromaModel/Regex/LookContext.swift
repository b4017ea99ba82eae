/// What stands on both sides of a position between two scalars, as far as conditions (`Look`) can tell.
enum LookContext {
  /// A scalar's kind; `none` is outside the text.
  enum Kind: UInt8 { case none, lineFeed, carriageReturn, asciiWord, word, other }

  static let kinds = 6

  static let asciiKinds: [UInt8] = (0..<128).map { byte in
    switch UInt8(byte) {
    case 0x0A: Kind.lineFeed.rawValue
    case 0x0D: Kind.carriageReturn.rawValue
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      Kind.asciiWord.rawValue
    default: Kind.other.rawValue
    }
  }

  /// The conditions that hold between a scalar of kind `before` and one of kind `after`, as `Look.bit`s.
  static func holding(_ before: Kind, _ after: Kind) -> UInt32 {
    var mask: UInt32 = 0
    for look in Look.allCases where holds(look, before, after) { mask |= look.bit }
    return mask
  }

  static func holds(_ look: Look, _ before: Kind, _ after: Kind) -> Bool {
    let isASCII = look.rawValue >= Look.asciiWordBoundary.rawValue
    let wordBefore = before == .asciiWord || (before == .word && !isASCII)
    let wordAfter = after == .asciiWord || (after == .word && !isASCII)
    switch look {
    case .textStart: return before == .none
    case .textEnd: return after == .none
    case .lineStart: return before == .none || before == .lineFeed
    case .lineEnd: return after == .none || after == .lineFeed
    case .lineStartCRLF:
      return before == .none || before == .lineFeed || (before == .carriageReturn && after != .lineFeed)
    case .lineEndCRLF:
      return after == .none || after == .carriageReturn || (after == .lineFeed && before != .carriageReturn)
    case .wordBoundary, .asciiWordBoundary: return wordBefore != wordAfter
    case .notWordBoundary, .asciiNotWordBoundary: return wordBefore == wordAfter
    case .wordStart, .asciiWordStart: return !wordBefore && wordAfter
    case .wordEnd, .asciiWordEnd: return wordBefore && !wordAfter
    case .wordStartHalf, .asciiWordStartHalf: return !wordBefore
    case .wordEndHalf, .asciiWordEndHalf: return !wordAfter
    }
  }
}
