import Embeddings
import Foundation

/// Words of a text and the stems under which they count as the same.
enum Words {
  struct Word: Sendable, Hashable {
    var text: String
    /// In Unicode scalars of the text.
    var range: Range<Int>
  }

  /// Runs of letters and digits, in order.
  static func of(_ text: String) -> [Word] {
    var words: [Word] = []
    var current = String.UnicodeScalarView()
    var start = 0
    var position = 0
    func close() {
      if !current.isEmpty { words.append(Word(text: String(current), range: start..<position)) }
      current = String.UnicodeScalarView()
    }
    for scalar in text.unicodeScalars {
      if isPartOfWord(scalar) {
        if current.isEmpty { start = position }
        current.append(scalar)
      } else {
        close()
      }
      position += 1
    }
    close()
    return words
  }

  private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9": return true
    default:
      // Looking properties up takes longer than all the rest.
      guard !scalar.isASCII else { return false }
      let properties = scalar.properties
      return properties.isAlphabetic || properties.numericType != nil || properties.isDiacritic
    }
  }

  /// `nil` for a word too common to be looked for.
  static func stem(_ word: String) -> String? { bm25.stem(word) }

  private static let bm25 = BM25()
}
