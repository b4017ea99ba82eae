/// Why an embedding function cannot be made or cannot answer.
public enum EmbeddingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No directory holds the model's files.
  case modelNotFound(searched: [String])
  /// A file of the model is there and cannot be read.
  case unreadable(path: String, reason: String)
  /// A file of the model holds something else than it should.
  case malformed(path: String, reason: String)
  /// A file of the model is not the one this was made for.
  case wrongChecksum(path: String, expected: String, found: String)
  /// A service elsewhere does not give what it should.
  case service(url: String, reason: String)
  /// No origin gave the model.
  case cannotFetch(directory: String, reasons: [String])

  public var description: String {
    switch self {
    case .modelNotFound(let searched):
      "no embedding model in \(searched.joined(separator: " or ")): run \"chroma embeddings fetch\", or set "
        + "CHROMA_MODEL_PATH to a directory with model.safetensors and vocab.txt"
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .malformed(let path, let reason): "\(path) is damaged: \(reason); fetch the model again"
    case .wrongChecksum(let path, let expected, let found):
      "\(path) has SHA-256 \(found), expected \(expected); fetch the model again"
    case .service(let url, let reason): "\(url): \(reason)"
    case .cannotFetch(let directory, let reasons):
      "the embedding model could not be fetched into \(directory):\n"
        + reasons.map { "  - \($0)\n" }.joined()
        + "Where nothing can be reached, copy model.safetensors and vocab.txt of all-MiniLM-L6-v2 into a directory and set "
        + "CHROMA_MODEL_PATH to it"
    }
  }
}
