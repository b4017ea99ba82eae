import ChromaModel

/// What is wrong with a batch, and whether Chroma says so before or after it compares dimensions.
struct Complaint: Sendable {
  let error: ChromaError
  /// When set, a collection of another dimension complains of that first.
  var dimension: Int?

  /// The error to answer with for a write to `collection`.
  func error(for collection: CollectionInfo) -> ChromaError {
    guard let expected = collection.dimension, let dimension, dimension != expected else { return error }
    return .wrongDimension(expected: expected, given: dimension)
  }
}

extension RecordBatch {
  /// Everything that is wrong with a batch whatever the collection: the first complaint, in Chroma's order.
  func complaint(about embeddings: EmbeddingReader?) -> Complaint? {
    if let error = embeddings?.decodingProblem { return Complaint(error: error) }
    var problems: [String] = []
    if let embeddings {
      if embeddings.lengths.contains(0) {
        problems.append("embeddings: Each embedding must have at least 1 dimension")
      } else if embeddings.hasNonFinite {
        problems.append("embeddings: Embeddings must not contain NaN or Infinity values")
      }
    }
    if let index = metadatas?.firstIndex(where: { $0.map(Self.isInvalid) ?? false }) {
      problems.append("metadatas: Invalid metadata at index \(index)")
    }
    guard problems.isEmpty else {
      return Complaint(error: .invalid("Validation error: \(problems.joined(separator: "\n"))"))
    }
    if let embeddings, embeddings.commonLength == nil {
      return Complaint(error: .invalid("Inconsistent dimensions in provided embeddings"))
    }
    let dimension = embeddings.flatMap { $0.values.isEmpty ? nil : $0.commonLength }
    let counts = [embeddings?.lengths.count, documents?.count, uris?.count, metadatas?.count]
    if counts.contains(where: { $0 != nil && $0 != ids.count }) {
      return Complaint(
        error: .invalid("Inconsistent number of IDs, embeddings, documents, URIs and metadatas"),
        dimension: dimension)
    }
    if ids.contains(where: \.isEmpty) {
      return Complaint(
        error: .invalid("Empty ID, ID must have at least one character"), dimension: dimension)
    }
    if let key = sparseKey {
      let message = "Unimplemented: Sparse vector is not supported for local chroma: \(key)"
      return Complaint(error: ChromaError(.unimplemented, message), dimension: dimension)
    }
    return nil
  }

  private static func isInvalid(_ metadata: MetadataUpdate) -> Bool {
    metadata.contains { key, value in
      if case .sparseVector(let sparse)? = value, !sparse.isWellFormed { return true }
      return Names.metadataKeyProblem(key) != nil
    }
  }

  private var sparseKey: String? {
    for case let metadata? in metadatas ?? [] {
      for (key, value) in metadata {
        if case .sparseVector? = value { return key }
      }
    }
    return nil
  }

  /// The keys under which Chroma keeps documents and URIs: in a user's metadata they become the document and URI.
  /// A document or URI given as such goes before. Expects columns of equal length.
  mutating func takeReservedKeys() {
    guard let given = metadatas else { return }
    for (index, metadata) in given.enumerated() {
      guard let metadata, metadata.keys.contains(where: { $0.hasPrefix(reservedPrefix) }) else { continue }
      if case .string(let text)?? = metadata["chroma:document"], documents?[index] == nil {
        if documents == nil { documents = Array(repeating: nil, count: ids.count) }
        documents?[index] = text
      }
      if case .string(let text)?? = metadata["chroma:uri"], uris?[index] == nil {
        if uris == nil { uris = Array(repeating: nil, count: ids.count) }
        uris?[index] = text
      }
      metadatas?[index]?.removeValue(forKey: "chroma:document")
      metadatas?[index]?.removeValue(forKey: "chroma:uri")
    }
  }
}

/// Metadata keys that begin so are Chroma's own and never shown.
let reservedPrefix = "chroma:"
