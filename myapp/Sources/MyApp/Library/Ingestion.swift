import Documents

/// Bytes that came in, and what is said of them.
struct IncomingFile: Sendable {
  /// The file's name, perhaps with folders, or the URL it came from.
  var source: String
  var contentType: String?
  /// `nil` for what the name or the content type say.
  var kind: FileKind?
  var topic: String?
  var url: String?
  var bytes: [UInt8]
}

/// How far one file is.
struct IngestProgress: Encodable, Sendable, Hashable {
  enum Stage: String, Encodable, Sendable { case fetching, reading, cutting, embedding, storing }

  var stage: Stage
  var done: Int
  var total: Int
}

/// What became of one file.
struct IngestResult: Encodable, Sendable, Hashable {
  enum Status: String, Encodable, Sendable { case added, updated, unchanged, failed }

  var source: String
  var status: Status
  var title: String?
  var pages: Int?
  var characters = 0
  var passages = 0
  /// Passages of which the model saw only the beginning.
  var truncated = 0
  /// Why there is nothing, or less than there could be.
  var reason: String?
}
