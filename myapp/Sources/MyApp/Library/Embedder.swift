import Embeddings

/// What turns texts into vectors here, and the tokenizer that passages are measured with.
struct Embedder: Sendable {
  var function: any EmbeddingFunction
  var tokenizer: WordPieceTokenizer

  /// - Throws: ``EmbeddingError`` when the model's files are missing. They are needed for a model elsewhere too, since its
  ///   passages are cut by the same tokenizer.
  static func load(_ remote: RemoteEmbeddingSettings?) async throws -> Embedder {
    let files = try ModelFiles.locate()
    if let remote {
      let function = try await OpenAIEmbedder(baseURL: remote.base, key: remote.key, model: remote.model)
      return Embedder(function: function, tokenizer: try WordPieceTokenizer(vocabularyPath: files.vocabulary))
    }
    let model = try MiniLM(files)
    return Embedder(function: model, tokenizer: model.tokenizer)
  }
}
