import Embeddings
import Testing

/// The model's vocabulary, for tests that cannot do without.
enum TestModel {
  static let files = try? ModelFiles.locate()
  static let isThere = files != nil
  static let reason: Comment = "needs the model's files: chroma embeddings fetch gets them"

  static func tokenizer() throws -> WordPieceTokenizer {
    try WordPieceTokenizer(vocabularyPath: #require(files).vocabulary)
  }
}
