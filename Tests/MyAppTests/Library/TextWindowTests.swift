import ChromaClient
import ChromaTestSupport
import Documents
import Embeddings
import Testing

@testable import myapp

@Suite("The text around a passage", .enabled(if: TestModel.isThere, TestModel.reason))
struct TextWindowTests {
  /// Passages of 60 words that overlap by 20 scalars.
  private func passages(_ count: Int, words: Int = 60) throws -> (text: [Unicode.Scalar], passages: [StoredPassage]) {
    let text = Array((0..<count * words).map { "word\($0) " }.joined().unicodeScalars)
    let step = text.count / count
    let passages = try (0..<count).map { place in
      let range = max(0, place * step - 20)..<min(text.count, (place + 1) * step)
      return try #require(
        StoredPassage(
          Record(
            id: "\(place)", document: String(String.UnicodeScalarView(text[range])),
            metadata: [
              "source": .string("s"), "ordinal": .int(Int64(place)), "start": .int(Int64(range.lowerBound)),
              "end": .int(Int64(range.upperBound)),
            ])))
    }
    return (text, passages)
  }

  @Test("The window is the document's own text between its offsets, of 400 to 800 pieces")
  func window() throws {
    let tokenizer = try TestModel.embedder().tokenizer
    let (text, passages) = try passages(20)
    for place in [0, 1, 9, 18, 19] {
      let window = TextWindow(around: passages[place], in: passages.shuffled(), tokenizer: tokenizer)
      #expect(window.text == String(String.UnicodeScalarView(text[window.start..<window.end])))
      #expect(window.start <= passages[place].start && window.end >= passages[place].end)
      #expect((400...800).contains(tokenizer.count(window.text)))
    }
  }

  @Test("A gap in the neighbours ends the window, and a short document is all of it")
  func gaps() throws {
    let tokenizer = try TestModel.embedder().tokenizer
    let (_, passages) = try passages(20)
    let window = TextWindow(around: passages[5], in: [passages[3], passages[5], passages[7]], tokenizer: tokenizer)
    #expect(window.start == passages[5].start && window.end == passages[5].end)
    let (text, two) = try self.passages(2)
    let whole = TextWindow(around: two[0], in: two, tokenizer: tokenizer)
    #expect(whole.text == String(String.UnicodeScalarView(text)))
  }

  @Test("What lies between two passages becomes white space of the same length")
  func between() throws {
    var (_, passages) = try passages(3)
    passages.remove(at: 1)
    let joined = TextWindow(joining: passages)
    #expect(joined.text.unicodeScalars.count == joined.end - joined.start)
    #expect(joined.text.hasSuffix(passages[1].text))
  }
}
