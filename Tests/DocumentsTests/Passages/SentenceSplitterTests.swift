import ChromaTestSupport
import Testing

@testable import Documents

@Suite("Sentences")
struct SentenceSplitterTests {
  private func sentences(_ text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    return SentenceSplitter().ranges(in: text).map { String(String.UnicodeScalarView(scalars[$0])) }
  }

  /// Sentences are written with `|` between them.
  @Test(
    "Marks end sentences, and what only looks like them does not",
    arguments: [
      "One. | Two! | Three? | Four", "Dr. Smith met Mrs. Jones. | They talked.", "It is 3.14 or so. | Pi.",
      "J. R. R. Tolkien wrote. | He smoked.", "The U.S. Army came. | It left.", "In the U.S. | The end.",
      "Take vitamin C. | The rest is luck.", "See Fig. 3 and p. 12. | Done.", "Use e.g. Swift, i.e. a language. | Yes.",
      "“Stop!” | “Why?” he asked. | “No.”", "(It rained.) | Then sun.", "Wait... what? | Well… | All right.",
      "He came at 5 p.m. yesterday. | I left.", "See example.com. | Then v1.2.3 is out.",
      "Was it 1990. | Then came 1991.",
      "春天来了。| 花开了！| 真的吗？| 是", "彼は「行く。」と言った。| 私も。", "यह एक है। | दूसरा।", "هل هذا؟ | نعم.",
      "1. First item. | Second.", "No. 5 is alive. | No. | Yes.", "It costs $5.50. | Cheap.", "",
    ])
  func rules(text: String) {
    let expected = text.split(separator: "|").map { $0.trimmingPrefix(" ") }.map { String($0).trimmingWhiteSpace() }
    let isChinese = text.contains("。")
    let joined = isChinese ? text.replacing("| ", with: "") : text.replacing("| ", with: "")
    #expect(sentences(joined) == expected)
  }

  @Test("Items and paragraphs end sentences, wrapped lines do not")
  func lines() {
    #expect(sentences("wrapped\nline\n\nnext\r\n\r\nlast") == ["wrapped\nline", "next", "last"])
    #expect(sentences("List:\n- one\n* two\n3) three\nb) four") == ["List:", "- one", "* two", "3) three", "b) four"])
  }

  @Test("Sentences hold all that is not white space, once and in order", arguments: 0..<40)
  func partition(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    let text = RandomText.words(in: 0...400, using: &generator)
    let scalars = Array(text.unicodeScalars)
    var position = 0
    for range in SentenceSplitter().ranges(in: text) {
      #expect(!range.isEmpty && range.lowerBound >= position, "seed \(seed)")
      #expect(!scalars[position..<range.lowerBound].contains { !$0.isWhiteSpace }, "seed \(seed)")
      #expect(!scalars[range.lowerBound].isWhiteSpace && !scalars[range.upperBound - 1].isWhiteSpace, "seed \(seed)")
      position = range.upperBound
    }
    #expect(!scalars[position...].contains { !$0.isWhiteSpace }, "seed \(seed)")
  }
}
