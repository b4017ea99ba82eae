package import ChromaModel
import Synchronization

/// One thing every ``ChromaAPI`` must do, whoever answers: the engine in this process, or a server over HTTP.
package struct APICheck: Sendable, CustomStringConvertible {
  /// In words; also names it among the exceptions of those who do otherwise.
  package let name: String
  let run: @Sendable (APISubject) async throws -> Void

  init(_ name: String, _ run: @escaping @Sendable (APISubject) async throws -> Void) {
    self.name = name
    self.run = run
  }

  package var description: String { name }

  package static let all: [APICheck] = places + collections + writes + reads + queries + filters + together

  /// What is wrong with `api`, in sentences; nothing when all is right.
  ///
  /// Runs in a tenant and database of its own, so that checks may share a server.
  package func findings(of api: any ChromaAPI) async -> [String] {
    let subject = APISubject(api)
    do {
      try await subject.prepare()
      try await run(subject)
    } catch {
      subject.note("it threw \(error)")
    }
    return subject.findings
  }
}

/// Who is checked, where, and what was found.
final class APISubject: Sendable {
  let api: any ChromaAPI
  let path: DatabasePath
  private let notes = Mutex<[String]>([])

  init(_ api: any ChromaAPI) {
    self.api = api
    let name = Identifier.random().description
    path = DatabasePath(tenant: "tenant-\(name)", database: "database-\(name)")
  }

  func prepare() async throws {
    try await api.createTenant(path.tenant)
    try await api.createDatabase(path)
  }

  var findings: [String] { notes.withLock { $0 } }

  func note(_ finding: String) { notes.withLock { $0.append(finding) } }

  /// Expects `actual` to be `expected`.
  func equal<Value: Equatable>(_ actual: Value, _ expected: Value, _ what: String = "", line: Int = #line) {
    if actual != expected { note("line \(line): \(what.isEmpty ? "" : what + ": ")\(actual), not \(expected)") }
  }

  func expect(_ holds: Bool, _ what: String, line: Int = #line) {
    if !holds { note("line \(line): \(what)") }
  }

  /// Expects an error. Its subject is not looked at: it does not travel over HTTP.
  func refuses<Value>(
    _ code: ChromaError.Code, _ message: String? = nil, line: Int = #line, _ operation: () async throws -> Value
  ) async {
    do {
      note("line \(line): it gave \(try await operation()), not \(code.name)")
    } catch let error as ChromaError {
      if error.code != code || message.map({ !error.message.contains($0) }) ?? false {
        note("line \(line): \(error), not \(code.name) \(message ?? "")")
      }
    } catch {
      note("line \(line): \(error), which is no ChromaError")
    }
  }

  // MARK: Short forms

  func create(
    _ name: String = "things", metadata: Metadata? = nil, space: Space? = nil, getOrCreate: Bool = false
  ) async throws -> CollectionInfo {
    var configuration: ConfigurationRequest?
    if let space {
      configuration = ConfigurationRequest()
      configuration?.space = space
    }
    return try await api.createCollection(
      CreateCollectionRequest(
        name: name, metadata: metadata, configuration: configuration, getOrCreate: getOrCreate), in: path)
  }

  /// A collection with records of two dimensions: `a` to the last, each with its number as `n`.
  func filled(_ count: Int = 5) async throws -> CollectionInfo {
    let collection = try await create()
    let ids = (0..<count).map { String(decoding: [UInt8(97 + $0)], as: UTF8.self) }
    try await api.add(
      RecordBatch(
        ids: ids, embeddings: EmbeddingBatch((0..<count).map { [Float($0), 0] }),
        documents: ids.map { "document \($0)" }, metadatas: (0..<count).map { ["n": .int(Int64($0))] }),
      to: collection.id, in: path)
    return collection
  }

  func get(_ id: Identifier, _ request: GetRequest = GetRequest()) async throws -> RecordColumns {
    try await api.get(request, from: id, in: path).records
  }

  func ids(
    _ id: Identifier, _ predicate: Where? = nil, ids: [String]? = nil, limit: Int? = nil, offset: Int = 0
  ) async throws -> [String] {
    try await get(
      id,
      GetRequest(filter: RecordFilter(ids: ids, predicate: predicate), limit: limit, offset: offset, include: [])
    ).ids
  }

  func query(
    _ id: Identifier, _ vectors: [[Float]], _ limit: Int = 10, ids: [String]? = nil, where predicate: Where? = nil,
    include: [Include] = [.distances]
  ) async throws -> QueryResult {
    try await api.query(
      QueryRequest(
        embeddings: EmbeddingBatch(vectors), nResults: limit, filter: RecordFilter(ids: ids, predicate: predicate),
        include: include), in: id, in: path)
  }
}
