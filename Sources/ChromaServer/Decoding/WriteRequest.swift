import ChromaModel

/// The body of `add`, `update` or `upsert`.
struct WriteRequest: Sendable {
  enum Operation: Sendable { case add, update, upsert }

  var batch: RecordBatch
  /// What is wrong with the values, to be said only of a collection that exists.
  var complaint: Complaint?

  init(_ operation: Operation, from reader: inout BodyReader) throws(ChromaError) {
    var ids: [String] = []
    var embeddings: EmbeddingReader?
    var documents: [String?]?
    var uris: [String?]?
    var metadatas: [MetadataUpdate?]?
    try reader.object(
      operation.bodyName, fields: ["ids", "embeddings", "documents", "uris", "metadatas"],
      required: operation == .update ? ["ids"] : ["ids", "embeddings"]
    ) { (reader, field) throws(ChromaError) in
      switch field {
      case 0: ids = try reader.strings("ids")
      case 1:
        if operation == .update, try reader.takeNull() { return }
        var vectors = EmbeddingReader()
        try vectors.read("embeddings", operation == .update ? .update : .add, from: &reader)
        embeddings = vectors
      case 2: documents = try reader.takeNull() ? nil : try reader.optionalStrings("documents")
      case 3: uris = try reader.takeNull() ? nil : try reader.optionalStrings("uris")
      default:
        metadatas =
          try reader.takeNull()
          ? nil : try reader.metadatas("metadatas", allowsNullValues: operation != .add)
      }
    }
    batch = RecordBatch(
      ids: ids, embeddings: embeddings?.batch(), documents: documents, uris: uris, metadatas: metadatas)
    complaint = batch.complaint(about: embeddings)
    guard complaint == nil else { return }
    batch.takeReservedKeys()
    if operation == .update, batch.embeddings?.values.isEmpty == true { batch.embeddings = nil }
  }
}

extension WriteRequest.Operation {
  fileprivate var bodyName: String {
    switch self {
    case .add: "AddCollectionRecordsPayload"
    case .update: "UpdateCollectionRecordsPayload"
    case .upsert: "UpsertCollectionRecordsPayload"
    }
  }
}
