import ChromaModel
import ChromaTestSupport
import Testing

@testable import ChromaEngine

/// An engine on a directory of its own, and a place for its backups.
struct BackupRig: Sendable {
  let root: TemporaryDirectory
  let engine: Engine
  let path = DatabasePath()

  var data: String { root.path + "/data" }
  var store: String { root.path + "/backups" }
  var backups: EngineBackups { EngineBackups(of: engine, in: store, version: "test") }

  init(openCollections: Int = 256) async throws {
    root = try TemporaryDirectory()
    var configuration = EngineConfiguration()
    configuration.maxOpenCollections = openCollections
    engine = try await Engine.open(at: root.path + "/data", configuration: configuration)
  }

  func collection(_ name: String) async throws -> Identifier {
    try await engine.createCollection(CreateCollectionRequest(name: name), in: path).id
  }

  /// Records whose document and embedding both tell their number and the batch they came in.
  ///
  /// - Parameter padding: bytes more in each document, to make the database large.
  static func batch(_ numbers: Range<Int>, tag: Int = 0, padding: Int = 0) -> RecordBatch {
    RecordBatch(
      ids: numbers.map { "r\($0)" }, embeddings: EmbeddingBatch(numbers.map { [Float($0), Float(tag)] }),
      documents: numbers.map { "record \($0) of batch \(tag)" + String(repeating: ".", count: padding) },
      metadatas: numbers.map { _ in ["batch": .int(Int64(tag))] })
  }

  /// A backup, checked, restored to a directory of its own and opened.
  func restored(_ summary: BackupSummary, _ name: String = "restored") async throws -> Engine {
    let (_, problems) = try BackupArchive.check(summary.path)
    #expect(problems == [])
    let target = "\(root.path)/\(name)"
    _ = try BackupArchive.restore(summary.path, to: target)
    return try await Engine.open(at: target)
  }
}
