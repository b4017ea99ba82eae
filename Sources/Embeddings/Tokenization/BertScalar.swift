import Foundation

/// What BERT's uncased tokenizer makes of one Unicode scalar, as Hugging Face's `tokenizers` does it: clean the text,
/// put spaces around ideographs, decompose, drop accents, lower-case, split at white space and around punctuation.
///
/// That library knows the general categories of Unicode 8: a mark or a control that came later stays in its word. So
/// does this, since other words would be other vectors.
enum BertScalar {
  enum Class: Equatable {
    /// Ends a word and is gone.
    case space
    /// A word of its own.
    case isolated
    /// Part of the word.
    case letter
  }

  // MARK: ASCII

  /// `nil` is dropped.
  static func ascii(_ byte: UInt8) -> Class? {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      .letter
    case 0x20, 0x09, 0x0A, 0x0D: .space
    case 0x00..<0x20, 0x7F: nil
    default: .isolated
    }
  }

  static func lowered(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  // MARK: The rest

  /// Calls `emit` for each scalar that `scalar` becomes, with its class; not at all when it is dropped.
  static func normalize(_ scalar: Unicode.Scalar, _ emit: (Unicode.Scalar, Class) -> Void) {
    if isDropped(scalar) { return }
    if scalar.properties.isWhitespace { return emit(" ", .space) }
    if isIdeograph(scalar) {
      decompose(scalar) { emit($0, .isolated) }
      return
    }
    decompose(scalar) { part in
      if category(part) == .nonspacingMark { return }
      for lowered in part.properties.lowercaseMapping.unicodeScalars {
        emit(lowered, isPunctuation(lowered) ? .isolated : .letter)
      }
    }
  }

  private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value == 0xFFFD { return true }
    switch category(scalar) {
    case .control, .format, .privateUse: return true
    default: return false
    }
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return ascii(UInt8(truncatingIfNeeded: scalar.value)) == .isolated }
    switch category(scalar) {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return true
    default: return false
    }
  }

  /// The general category in Unicode 8; `.unassigned` for what came later.
  private static func category(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
    switch scalar.value {
    // These have changed theirs since.
    case 0x1734, 0x1171E: return .nonspacingMark
    case 0x1885, 0x1886: return .otherLetter
    case 0xA9BD: return .spacingMark
    case 0x166D, 0x111C9: return .otherPunctuation
    default: break
    }
    let category = scalar.properties.generalCategory
    switch category {
    // Private use has no age, and letters need none: nothing is asked of them.
    case .control, .format, .nonspacingMark, .connectorPunctuation, .dashPunctuation, .openPunctuation,
      .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation:
      guard let age = scalar.properties.age, age.major <= 8 else { return .unassigned }
      return category
    default: return category
    }
  }

  /// The library's ranges, one of which starts at 2B920 where the block starts at 2B820.
  private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
      0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }

  // MARK: Canonical decomposition (Unicode Standard, chapter 3.7)

  /// Marks keep the order they have in the text: nearly all are dropped anyway.
  private static func decompose(_ scalar: Unicode.Scalar, _ emit: (Unicode.Scalar) -> Void) {
    let value = scalar.value
    if value >= 0xAC00, value <= 0xD7A3 {
      let index = value - 0xAC00
      let parts = [0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11A7 + index % 28]
      for part in parts.prefix(index % 28 == 0 ? 2 : 3) { Unicode.Scalar(part).map(emit) }
    } else if let parts = decompositions[value] {
      parts.forEach(emit)
    } else {
      emit(scalar)
    }
  }

  /// Everything that decomposes, Hangul apart: about 2,000 scalars, found once in the blocks that have any.
  private static let decompositions: [UInt32: [Unicode.Scalar]] = {
    let blocks: [ClosedRange<UInt32>] = [
      0xC0...0x1FFF, 0x2000...0x2FFF, 0x3000...0x30FF, 0xF900...0xFAFF, 0xFB00...0xFB4F, 0x11000...0x119FF,
      0x1D100...0x1D1FF, 0x2F800...0x2FA1F,
    ]
    var found: [UInt32: [Unicode.Scalar]] = [:]
    for value in blocks.joined() {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let parts = Array(String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars)
      // The library's table is older than this one.
      if parts != [scalar], value != 0x11938 { found[value] = parts }
    }
    return found
  }()
}
