import AsyncHTTPClient
import Embeddings
import Testing

@testable import myapp

/// The real model, once for all tests.
enum TestModel {
  static let files = try? ModelFiles.locate()
  static let model = files.flatMap { try? MiniLM($0) }
  static var isThere: Bool { model != nil }
  static let reason: Comment = "the embedding model is not here: run chroma embeddings fetch"

  /// For chat models; as long as the tests run.
  static let connections = ChatModel.connections(patience: 120)

  static func embedder() throws -> Embedder {
    let model = try #require(model)
    return Embedder(function: model, tokenizer: model.tokenizer)
  }
}
