package import ChromaModel
import Synchronization

/// Chroma as dictionaries and loops: slow, plain, and right where it answers at all.
///
/// The server's tests run on it. Not covered: regular expressions and whatever ``ChromaModel`` does not define.
package final class MemoryDatabase: ChromaAPI {
  private struct Record {
    var id: String
    var embedding: [Float]?
    var document: String?
    var uri: String?
    var metadata: Metadata
  }

  private struct Collection {
    var info: CollectionInfo
    var records: [Record] = []
  }

  private struct State {
    var tenants: Set<String> = [Tenant.defaultName]
    var databases: [DatabasePath: Database] = [
      DatabasePath(): Database(id: .zero, name: Database.defaultName, tenant: Tenant.defaultName)
    ]
    var collections: [Identifier: Collection] = [:]
  }

  private let state = Mutex(State())
  private let allowsReset: Bool
  /// What every record operation throws, when set.
  private let failure = Mutex<ChromaError?>(nil)
  private let ready = Atomic<Bool>(true)

  package init(allowsReset: Bool = true) { self.allowsReset = allowsReset }

  package func fail(with error: ChromaError?) { failure.withLock { $0 = error } }
  package func setReady(_ isReady: Bool) { ready.store(isReady, ordering: .relaxed) }

  // MARK: System

  package func heartbeat() async throws(ChromaError) -> Int64 { 1_795_205_517_202_842_712 }
  package func maxBatchSize() async throws(ChromaError) -> Int { 5461 }
  package func isReady() async -> Bool { ready.load(ordering: .relaxed) }

  package func reset() async throws(ChromaError) {
    guard allowsReset else { throw ChromaError(.permissionDenied, "Reset is disabled by config", about: .reset) }
    state.withLock { $0 = State() }
  }

  // MARK: Tenants and databases

  package func createTenant(_ name: String) async throws(ChromaError) {
    if let problem = Names.tenantProblem(with: name) { throw .invalid(problem) }
    guard state.withLock({ $0.tenants.insert(name).inserted }) else {
      throw ChromaError(.alreadyExists, "Tenant [\(name)] already exists", about: .tenant(name))
    }
  }

  package func tenant(_ name: String) async throws(ChromaError) -> Tenant {
    guard state.withLock({ $0.tenants.contains(name) }) else {
      throw ChromaError(.notFound, "Tenant [\(name)] not found", about: .tenant(name))
    }
    return Tenant(name: name)
  }

  package func updateTenant(_ name: String, resourceName: String) async throws(ChromaError) {}

  package func createDatabase(_ path: DatabasePath) async throws(ChromaError) {
    if let problem = Names.problem(with: path.database) { throw .invalid(problem) }
    let isNew = state.withLock { state in
      guard state.databases[path] == nil else { return false }
      state.databases[path] = Database(id: .random(), name: path.database, tenant: path.tenant)
      return true
    }
    guard isNew else {
      throw ChromaError(.alreadyExists, "Database [\(path.database)] already exists", about: .database(path))
    }
  }

  package func database(_ path: DatabasePath) async throws(ChromaError) -> Database {
    guard let database = state.withLock({ $0.databases[path] }) else {
      throw ChromaError(
        .notFound, "Database [\(path.database)] not found. Are you sure it exists?", about: .database(path))
    }
    return database
  }

  package func databases(tenant: String, limit: Int?, offset: Int) async throws(ChromaError) -> [Database] {
    let all = state.withLock { $0.databases.values.filter { $0.tenant == tenant } }
    return Array(all.sorted { $0.name < $1.name }.dropFirst(offset).prefix(limit ?? .max))
  }

  package func deleteDatabase(_ path: DatabasePath) async throws(ChromaError) {
    let existed = state.withLock { state in
      state.collections = state.collections.filter { $0.value.info.path != path }
      return state.databases.removeValue(forKey: path) != nil
    }
    guard existed else { throw ChromaError(.notFound, "Database [\(path.database)] not found", about: .database(path)) }
  }

  // MARK: Collections

  package func createCollection(
    _ request: CreateCollectionRequest, in path: DatabasePath
  ) async throws(ChromaError) -> CollectionInfo {
    var problems = Names.problem(with: request.name).map { ["name: \($0)"] } ?? []
    if let metadata = request.metadata, let problem = Names.metadataProblem(metadata) {
      problems.append("metadata: \(problem)")
    }
    guard problems.isEmpty else { throw .invalid("Validation error: \(problems.joined(separator: "\n"))") }
    let schema = try Schema.resolve(
      schema: request.schema, configuration: request.configuration, metadata: request.metadata)
    guard state.withLock({ $0.databases[path] != nil }) else {
      throw .invalid("Database [\(path.database)] does not exist", about: .database(path))
    }
    if let existing = try? await collection(named: request.name, in: path) {
      guard request.getOrCreate else {
        throw ChromaError(
          .alreadyExists, "Collection [\(request.name)] already exists", about: .collection(request.name))
      }
      return existing
    }
    let info = CollectionInfo(
      id: .random(), name: request.name, path: path, metadata: request.metadata, dimension: nil, schema: schema)
    state.withLock { $0.collections[info.id] = Collection(info: info) }
    return info
  }

  package func collection(named name: String, in path: DatabasePath) async throws(ChromaError) -> CollectionInfo {
    let found = state.withLock { state in
      state.collections.values.first { $0.info.name == name && $0.info.path == path }?.info
    }
    guard let found else {
      throw ChromaError(.notFound, "Collection [\(name)] does not exist", about: .collection(name))
    }
    return found
  }

  package func collection(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> CollectionInfo {
    try stored(id, path).info
  }

  package func collection(_ id: Identifier) async throws(ChromaError) -> CollectionInfo {
    guard let info = state.withLock({ $0.collections[id]?.info }) else {
      throw ChromaError(.notFound, "Collection [\(id)] does not exist", about: .collection(id.description))
    }
    return info
  }

  package func collections(
    in path: DatabasePath, limit: Int?, offset: Int
  ) async throws(ChromaError) -> [CollectionInfo] {
    let all = state.withLock { $0.collections.values.map(\.info).filter { $0.path == path } }
    return Array(all.sorted { $0.id < $1.id }.dropFirst(offset).prefix(limit ?? .max))
  }

  package func countCollections(in path: DatabasePath) async throws(ChromaError) -> Int {
    try await collections(in: path, limit: nil, offset: 0).count
  }

  package func updateCollection(
    _ id: Identifier, in path: DatabasePath, _ request: UpdateCollectionRequest
  ) async throws(ChromaError) {
    _ = try stored(id, path)
    if let name = request.newName, let problem = Names.problem(with: name) {
      throw .invalid("Validation error: new_name: \(problem)")
    }
    if request.newMetadata?.isEmpty == true {
      throw .invalid("Validation error: new_metadata: Metadata cannot be empty")
    }
    if let metadata = request.newMetadata, let problem = Names.metadataProblem(metadata.mapValues { $0 ?? .bool(true) })
    {
      throw .invalid("Validation error: new_metadata: \(problem)")
    }
    if let name = request.newName, let other = try? await collection(named: name, in: path), other.id != id {
      throw ChromaError(.alreadyExists, "Collection [\(name)] already exists", about: .collection(name))
    }
    state.withLock { state in
      if let name = request.newName { state.collections[id]?.info.name = name }
      if let metadata = request.newMetadata {
        let kept = metadata.compactMapValues { $0 }
        state.collections[id]?.info.metadata = kept.isEmpty ? nil : kept
      }
      if let configuration = request.newConfiguration { state.collections[id]?.info.schema.apply(configuration) }
    }
  }

  package func deleteCollection(named name: String, in path: DatabasePath) async throws(ChromaError) {
    let info = try await collection(named: name, in: path)
    _ = state.withLock { $0.collections.removeValue(forKey: info.id) }
  }

  // MARK: Records

  private func stored(_ id: Identifier, _ path: DatabasePath) throws(ChromaError) -> Collection {
    if let error = failure.withLock({ $0 }) { throw error }
    guard let collection = state.withLock({ $0.collections[id] }), collection.info.path == path else {
      throw ChromaError(.notFound, "Collection [\(id)] does not exist.", about: .collection(id.description))
    }
    return collection
  }

  private func check(_ dimension: Int, _ collection: Collection) throws(ChromaError) {
    guard let expected = collection.info.dimension, expected != dimension else { return }
    throw .wrongDimension(expected: expected, given: dimension)
  }

  private func write(
    _ batch: RecordBatch, _ id: Identifier, _ path: DatabasePath, addsMissing: Bool, changesExisting: Bool
  ) throws(ChromaError) {
    var collection = try stored(id, path)
    if let embeddings = batch.embeddings, embeddings.dimension > 0 { try check(embeddings.dimension, collection) }
    for (index, recordID) in batch.ids.enumerated() {
      let position = collection.records.firstIndex { $0.id.utf8.elementsEqual(recordID.utf8) }
      guard position == nil ? addsMissing : changesExisting else { continue }
      var record = position.map { collection.records[$0] } ?? Record(id: recordID, metadata: [:])
      if let vector = batch.embeddings?.vector(index) {
        record.embedding = Array(vector)
        collection.info.dimension = vector.count
      }
      record.document = batch.documents?[index] ?? record.document
      record.uri = batch.uris?[index] ?? record.uri
      for (key, value) in (batch.metadatas?[index] ?? nil) ?? [:] {
        record.metadata[key] = value.flatMap { $0.isEmptyArray ? nil : $0 }
      }
      collection.info.schema.discover(record.metadata)
      if let position { collection.records[position] = record } else { collection.records.append(record) }
    }
    state.withLock { [collection] in $0.collections[id] = collection }
  }

  package func add(_ batch: RecordBatch, to id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try write(batch, id, path, addsMissing: true, changesExisting: false)
  }

  package func update(_ batch: RecordBatch, in id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try write(batch, id, path, addsMissing: false, changesExisting: true)
  }

  package func upsert(_ batch: RecordBatch, to id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try write(batch, id, path, addsMissing: true, changesExisting: true)
  }

  private func passes(_ record: Record, _ filter: RecordFilter) -> Bool {
    (filter.ids?.contains(record.id) ?? true)
      && (filter.predicate?.matches(metadata: record.metadata, document: record.document) ?? true)
  }

  package func delete(
    _ request: DeleteRequest, from id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> Int {
    var collection = try stored(id, path)
    if let predicate = request.filter.predicate { try collection.info.schema.check(predicate) }
    let doomed = Set(collection.records.filter { passes($0, request.filter) }.prefix(request.limit ?? .max).map(\.id))
    collection.records.removeAll { doomed.contains($0.id) }
    state.withLock { [collection] in $0.collections[id] = collection }
    return request.filter.predicate == nil ? request.filter.ids?.count ?? 0 : doomed.count
  }

  package func count(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> Int {
    try stored(id, path).records.count
  }

  package func indexingStatus(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> IndexingStatus {
    let count = try stored(id, path).records.count
    return IndexingStatus(indexed: count, total: count)
  }

  private func columns(_ records: [Record], _ include: [Include]) -> RecordColumns {
    RecordColumns(
      ids: records.map(\.id),
      embeddings: include.contains(.embeddings) ? EmbeddingBatch(records.map { $0.embedding ?? [] }) : nil,
      documents: include.contains(.documents) ? records.map(\.document) : nil,
      uris: include.contains(.uris) ? records.map(\.uri) : nil,
      metadatas: include.contains(.metadatas) ? records.map { $0.metadata.isEmpty ? nil : $0.metadata } : nil)
  }

  package func get(
    _ request: GetRequest, from id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> GetResult {
    let collection = try stored(id, path)
    if let predicate = request.filter.predicate { try collection.info.schema.check(predicate) }
    let matches = collection.records.filter { passes($0, request.filter) }
    let page = Array(matches.dropFirst(request.offset).prefix(request.limit ?? .max))
    return GetResult(records: columns(page, request.include), include: request.include)
  }

  private func distance(_ space: Space, _ a: [Float], _ b: [Float]) -> Float {
    func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    switch space {
    case .l2: return zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    case .ip: return 1 - dot(a, b)
    case .cosine:
      let lengths = (dot(a, a) * dot(b, b)).squareRoot()
      return lengths == 0 ? 1 : 1 - dot(a, b) / lengths
    }
  }

  package func query(
    _ request: QueryRequest, in id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> QueryResult {
    let collection = try stored(id, path)
    if request.embeddings.count > 0 { try check(request.embeddings.dimension, collection) }
    if let predicate = request.filter.predicate {
      try collection.info.schema.check(predicate)
    } else if let ids = request.filter.ids, !ids.allSatisfy({ id in collection.records.contains { $0.id == id } }) {
      throw ChromaError(.internal, "Error executing plan: Internal error: Error finding id")
    }
    let matches = collection.records.filter { passes($0, request.filter) }
    var records: [RecordColumns] = []
    var distances: [[Float]] = []
    for question in 0..<request.embeddings.count {
      let vector = request.embeddings.vector(question) ?? []
      let nearest = matches.map { record in
        (record, distance(collection.info.schema.space, Array(vector), record.embedding ?? []))
      }.sorted { $0.1 < $1.1 }.prefix(request.nResults)
      records.append(columns(nearest.map(\.0), request.include))
      distances.append(nearest.map(\.1))
    }
    let explanation = QueryExplanation(
      plan: .scan, rows: collection.records.count, matching: matches.count,
      questions: records.map { _ in .init(visited: 0, distances: matches.count) })
    return QueryResult(
      records: records, distances: request.include.contains(.distances) ? distances : nil, include: request.include,
      explanation: request.explain ? explanation : nil)
  }
}
