import ChromaClient
import Documents
import Embeddings
import Foundation

/// The documents of the service: one collection with a record for each passage.
///
/// There is no second store. A document is its passages; its text is put together from them by their offsets.
struct Library: Sendable {
  let collection: Collection
  let embedder: any EmbeddingFunction
  let tokenizer: WordPieceTokenizer
  let reader: DocumentReader
  let cutter: PassageCutter

  init(collection: Collection, embedder: any EmbeddingFunction, tokenizer: WordPieceTokenizer, limits: IngestLimits) {
    self.collection = collection
    self.embedder = embedder
    self.tokenizer = tokenizer
    var reading = DocumentReader.Limits()
    reading.bytes = limits.fileBytes
    reader = DocumentReader(limits: reading)
    cutter = PassageCutter(tokenizer: tokenizer)
  }

  // MARK: Writing

  /// Reads, cuts, embeds and stores one file; the same file again changes nothing, another of its name replaces it.
  ///
  /// All vectors are there before the first write. A write that fails midway is mended by ingesting again, since the
  /// content's hash is compared with that of every passage.
  /// - Throws: what the database or the embedder throws, or `CancellationError`. What is wrong with the file itself is in
  ///   the result.
  func ingest(
    _ file: IncomingFile, progress: (IngestProgress) async throws -> Void = { _ in }
  ) async throws -> IngestResult {
    guard let kind = file.kind ?? FileKind(fileName: file.source, contentType: file.contentType) else {
      let kinds = FileKind.allCases.map(\.rawValue).joined(separator: ", ")
      return failed(file, "\(file.source) is of no kind that can be read: \(kinds)")
    }
    let hash = DocumentFacts.digest(file.bytes)
    let stored = try await collection.get(
      where: .metadata(key: "source", .equal(.string(file.source))), include: [.metadatas])
    let known = stored.compactMap(DocumentFacts.init)
    if let facts = known.first, known.count == facts.passages,
      known.allSatisfy({ $0.hash == hash && $0.topic == file.topic })
    {
      return IngestResult(
        source: file.source, status: .unchanged, title: facts.title, pages: facts.pages, characters: facts.characters,
        passages: facts.passages)
    }
    try await progress(IngestProgress(stage: .reading, done: 0, total: 1))
    let text: SourceText
    do throws(DocumentError) {
      text = try await reader.read(file.bytes, name: file.source, kind: kind, contentType: file.contentType)
    } catch {
      return failed(file, error.description)
    }
    try await progress(IngestProgress(stage: .cutting, done: 0, total: 1))
    let passages = cutter.cut(text)
    guard !passages.isEmpty else { return failed(file, "\(file.source) holds no text") }
    let facts = DocumentFacts(
      source: file.source, title: text.title, kind: kind, topic: file.topic, url: file.url, hash: hash,
      passages: passages.count, characters: text.text.unicodeScalars.count, pages: text.pageCount,
      added: Int(Date().timeIntervalSince1970))
    let vectors = try await embed(passages, progress: progress)
    try await progress(IngestProgress(stage: .storing, done: 0, total: passages.count))
    try await collection.upsert(
      ids: passages.map { DocumentFacts.passageID(source: file.source, ordinal: $0.ordinal) },
      documents: passages.map(\.text), embeddings: vectors, metadatas: passages.map(facts.metadata))
    if stored.count > passages.count {
      try await collection.delete(
        where: .and([
          .metadata(key: "source", .equal(.string(file.source))),
          .metadata(key: "ordinal", .ordered(.greaterOrEqual, .int(Int64(passages.count)))),
        ]))
    }
    return IngestResult(
      source: file.source, status: stored.isEmpty ? .added : .updated, title: text.title, pages: text.pageCount,
      characters: facts.characters, passages: passages.count, truncated: passages.count(where: isTruncated))
  }

  private func failed(_ file: IncomingFile, _ reason: String) -> IngestResult {
    IngestResult(source: file.source, status: .failed, reason: reason)
  }

  private func embed(
    _ passages: [Passage], progress: (IngestProgress) async throws -> Void
  ) async throws -> EmbeddingBatch {
    var vectors = EmbeddingBatch(dimension: embedder.dimension, values: [])
    for start in stride(from: 0, to: passages.count, by: Self.passagesAtOnce) {
      try Task.checkCancellation()
      try await progress(IngestProgress(stage: .embedding, done: start, total: passages.count))
      let part = passages[start..<min(start + Self.passagesAtOnce, passages.count)]
      vectors.values += try await embedder.embed(part.map(\.embeddedText)).values
    }
    return vectors
  }

  private static let passagesAtOnce = 64

  private func isTruncated(_ passage: Passage) -> Bool {
    // Two pieces mark the beginning and the end.
    tokenizer.count(passage.embeddedText, upTo: MiniLM.maximumPieces) > MiniLM.maximumPieces - 2
  }

  /// - Returns: how many passages went.
  func remove(source: String) async throws -> Int {
    try await collection.delete(where: .metadata(key: "source", .equal(.string(source))))
  }

  // MARK: Reading

  /// - Returns: `nil` when there is no such passage.
  func passage(_ id: String) async throws -> StoredPassage? {
    try await collection.get(ids: [id]).first.flatMap(StoredPassage.init)
  }

  /// All documents, by their first passages, in the order they came.
  func documents(limit: Int, offset: Int) async throws -> [DocumentFacts] {
    try await collection.get(
      where: .metadata(key: "ordinal", .equal(.int(0))), limit: limit, offset: offset, include: [.metadatas]
    ).compactMap(DocumentFacts.init)
  }

  /// How many documents there are, and how many passages each topic has.
  func census() async throws -> (documents: Int, topics: [(name: String, passages: Int)]) {
    let firsts = try await collection.get(where: .metadata(key: "ordinal", .equal(.int(0))), include: [.metadatas])
      .compactMap(DocumentFacts.init)
    var counts: [String: Int] = [:]
    for facts in firsts { if let topic = facts.topic { counts[topic, default: 0] += facts.passages } }
    return (firsts.count, counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  /// A document with its passages in order; `nil` when there is none of that source.
  func document(source: String) async throws -> (facts: DocumentFacts, passages: [StoredPassage])? {
    let records = try await collection.get(where: .metadata(key: "source", .equal(.string(source))))
    guard let facts = records.lazy.compactMap(DocumentFacts.init).first else { return nil }
    return (facts, records.compactMap(StoredPassage.init).sorted { $0.ordinal < $1.ordinal })
  }

  /// The text around a passage, of 400 to 800 word pieces where the document has them.
  func context(of passage: StoredPassage) async throws -> TextWindow {
    // A passage may be far shorter than the window: enough of them on both sides, but not a whole book.
    let neighbours = try await collection.get(
      where: .and([
        .metadata(key: "source", .equal(.string(passage.source))),
        .metadata(key: "ordinal", .ordered(.greaterOrEqual, .int(Int64(passage.ordinal - Self.reach)))),
        .metadata(key: "ordinal", .ordered(.lessOrEqual, .int(Int64(passage.ordinal + Self.reach)))),
      ])
    ).compactMap(StoredPassage.init)
    return TextWindow(around: passage, in: neighbours, tokenizer: tokenizer)
  }

  private static let reach = 8
}
