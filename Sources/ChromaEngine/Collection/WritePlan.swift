import ChromaModel
import Storage
import VectorIndex

/// One request to change records.
enum WriteOperation: Sendable {
  case add(RecordBatch)
  case update(RecordBatch)
  case upsert(RecordBatch)
  case delete(DeleteRequest)

  /// What it brings; `nil` for a delete.
  var batch: RecordBatch? {
    switch self {
    case .add(let batch), .update(let batch), .upsert(let batch): batch
    case .delete: nil
    }
  }

  /// A delete by predicate looks at all records, so that nothing before it may be left uncommitted.
  var looksAtAllRecords: Bool {
    if case .delete(let request) = self { request.filter.predicate != nil } else { false }
  }
}

/// What a group of writes comes to: decided here, in memory, before anything is stored.
///
/// Each operation is applied on top of those before it. One that throws leaves the plan as it was.
struct WritePlan {
  /// A record on its way: not stored yet, but seen by the operations behind it.
  struct Pending {
    var record: Record
    var embedding: [Float]
    /// The row it takes the place of.
    var replaces: Int?
  }

  private enum Overlay {
    case pending(Int)
    case removed
  }

  private let table: RecordTable
  private let snapshot: RecordTable.Snapshot
  private let vector: (Int) -> [Float]
  private var overlay: [RecordKey: Overlay] = [:]

  /// `nil` where a later operation took the record's place.
  private(set) var pending: [Pending?] = []
  /// Rows whose record goes without a successor.
  private(set) var removed: [Int] = []
  private(set) var nextVersion: Int64
  private(set) var dimension: Int?
  private(set) var schema: Schema
  private(set) var schemaChanged = false

  /// - Parameter vector: the embedding stored for a row.
  init(
    table: RecordTable, nextVersion: Int64, dimension: Int?, schema: Schema, vector: @escaping (Int) -> [Float]
  ) {
    self.table = table
    snapshot = table.snapshot()
    self.nextVersion = nextVersion
    self.dimension = dimension
    self.schema = schema
    self.vector = vector
  }

  var isEmpty: Bool { removed.isEmpty && pending.allSatisfy { $0 == nil } }

  /// - Returns: for a delete the number it reports, else 0.
  mutating func apply(_ operation: WriteOperation) throws(ChromaError) -> Int {
    switch operation {
    case .add(let batch):
      try check(batch)
      return write(batch, inserts: true, changes: false)
    case .update(let batch):
      try check(batch)
      return write(batch, inserts: false, changes: true)
    case .upsert(let batch):
      try check(batch)
      return write(batch, inserts: true, changes: true)
    case .delete(let request): return try delete(request)
    }
  }

  private func check(_ batch: RecordBatch) throws(ChromaError) {
    let count = batch.ids.count
    if let index = batch.metadatas?.firstIndex(where: { $0?.keys.contains(where: Self.isReserved) ?? false }) {
      throw .invalid("Validation error: metadatas: Invalid metadata at index \(index)")
    }
    guard batch.embeddings.map({ $0.count == count }) ?? true, batch.documents.map({ $0.count == count }) ?? true,
      batch.uris.map({ $0.count == count }) ?? true, batch.metadatas.map({ $0.count == count }) ?? true
    else { throw .invalid("Inconsistent number of IDs, embeddings, documents, URIs and metadatas") }
    guard !batch.ids.contains(where: \.isEmpty) else {
      throw .invalid("Empty ID, ID must have at least one character")
    }
    guard !(batch.metadatas ?? []).contains(where: { $0?.values.contains(where: Self.isNotFinite) ?? false }) else {
      throw .invalid("Metadata must not contain NaN or Infinity values")
    }
    guard let embeddings = batch.embeddings, embeddings.dimension > 0 else { return }
    guard embeddings.values.count % embeddings.dimension == 0,
      embeddings.slots.map({ $0.allSatisfy { $0 < embeddings.values.count / embeddings.dimension } }) ?? true
    else { throw .invalid("Inconsistent dimensions in provided embeddings") }
    guard embeddings.values.allSatisfy(\.isFinite) else {
      throw .invalid("Validation error: embeddings: Embeddings must not contain NaN or Infinity values")
    }
    guard embeddings.dimension <= HNSWIndex.maximumDimension else {
      throw .invalid(
        "Embeddings have \(embeddings.dimension) dimensions, at most \(HNSWIndex.maximumDimension) are stored")
    }
    if let dimension, embeddings.dimension != dimension {
      throw .wrongDimension(expected: dimension, given: embeddings.dimension)
    }
  }

  private static func isNotFinite(_ value: MetadataValue?) -> Bool {
    switch value {
    case .float(let number)?: !number.isFinite
    case .floats(let numbers)?: !numbers.allSatisfy(\.isFinite)
    default: false
    }
  }

  private static func isReserved(_ key: String) -> Bool { Names.metadataKeyProblem(key) != nil }

  private mutating func write(_ batch: RecordBatch, inserts: Bool, changes: Bool) -> Int {
    let rows = table.snapshot(resolving: batch.ids).rows
    for (index, id) in batch.ids.enumerated() {
      let key = RecordKey(id)
      switch overlay[key] {
      case .pending(let place)? where changes: change(place, by: batch, index)
      case .pending?: break
      case .removed? where inserts: insert(batch, index, key)
      case .removed?: break
      case nil:
        if let row = rows[index] {
          if changes { change(row: row, by: batch, index, key) }
        } else if inserts {
          insert(batch, index, key)
        }
      }
    }
    return 0
  }

  private mutating func takeVersion() -> Int64 {
    defer { nextVersion += 1 }
    return nextVersion
  }

  private mutating func insert(_ batch: RecordBatch, _ index: Int, _ key: RecordKey) {
    guard let embedding = batch.embeddings?.vector(index) else { return }
    let version = takeVersion()
    var metadata = Metadata()
    for case (let name, let value?) in batch.metadatas?[index] ?? [:] where !value.isEmptyArray {
      metadata[name] = value
    }
    let record = Record(
      version: version, position: version, id: key.id, document: batch.documents?[index] ?? nil,
      uri: batch.uris?[index] ?? nil, metadata: metadata)
    note(metadata)
    if dimension == nil { dimension = embedding.count }
    overlay[key] = .pending(pending.count)
    pending.append(Pending(record: record, embedding: Array(embedding), replaces: nil))
  }

  private mutating func change(row: Int, by batch: RecordBatch, _ index: Int, _ key: RecordKey) {
    let old = snapshot.record(row)
    let embedding = batch.embeddings?.vector(index).map(Array.init) ?? vector(row)
    overlay[key] = .pending(pending.count)
    pending.append(Pending(record: merged(old, batch, index), embedding: embedding, replaces: row))
  }

  private mutating func change(_ place: Int, by batch: RecordBatch, _ index: Int) {
    guard let old = pending[place] else { return }
    let record = merged(old.record, batch, index)
    pending[place]?.record = record
    if let embedding = batch.embeddings?.vector(index) { pending[place]?.embedding = Array(embedding) }
  }

  /// The record with what the batch gives in place of what it had; metadata key by key.
  private mutating func merged(_ old: Record, _ batch: RecordBatch, _ index: Int) -> Record {
    var metadata = old.metadata
    for (name, value) in batch.metadatas?[index] ?? [:] {
      metadata[name] = value.flatMap { $0.isEmptyArray ? nil : $0 }
    }
    note(metadata)
    return Record(
      version: takeVersion(), position: old.position, id: old.id,
      document: (batch.documents?[index] ?? nil) ?? old.document, uri: (batch.uris?[index] ?? nil) ?? old.uri,
      metadata: metadata)
  }

  private mutating func note(_ metadata: Metadata) {
    if !metadata.isEmpty, schema.discover(metadata) { schemaChanged = true }
  }

  private mutating func delete(_ request: DeleteRequest) throws(ChromaError) -> Int {
    guard let predicate = request.filter.predicate else {
      guard request.limit == nil else {
        throw .invalid("Validation error: limit, where: limit can only be specified when a where clause is provided")
      }
      let ids = request.filter.ids ?? []
      let rows = table.snapshot(resolving: ids).rows
      for (id, row) in zip(ids, rows) { remove(RecordKey(id), row: row) }
      return ids.count
    }
    try schema.check(predicate)
    var candidates: RowBitmap?
    if let ids = request.filter.ids {
      var rows = RowBitmap(rowCount: snapshot.rowCount)
      for case let row? in table.snapshot(resolving: ids).rows { rows.insert(row) }
      candidates = rows
    }
    let matching = snapshot.rows(matching: predicate, among: candidates)
    let rows = snapshot.ordered(matching, offset: 0, limit: request.limit)
    for row in rows { remove(RecordKey(snapshot.id(row)), row: row) }
    return rows.count
  }

  private mutating func remove(_ key: RecordKey, row: Int?) {
    switch overlay[key] {
    case .removed?: return
    case .pending(let place)?:
      if let row = pending[place]?.replaces { removed.append(row) }
      pending[place] = nil
    case nil:
      guard let row else { return }
      removed.append(row)
    }
    overlay[key] = .removed
  }

  /// The plan for the database.
  func commit(knownDimension: Int?, schemaText: String?) -> RecordStore.Commit {
    var commit = RecordStore.Commit()
    commit.removed = removed.map(snapshot.version)
    for case let record? in pending {
      if let row = record.replaces { commit.removed.append(snapshot.version(row)) }
      commit.added.append((record.record, record.embedding))
    }
    if dimension != knownDimension { commit.dimension = dimension }
    commit.schema = schemaText
    return commit
  }

  /// The plan for the table.
  var change: RecordTable.Change {
    var change = RecordTable.Change()
    change.removed = removed
    change.added = pending.compactMap { pending in pending.map { ($0.record, $0.replaces) } }
    return change
  }
}

extension RecordBatch {
  /// Memory it takes, roughly.
  var byteCount: Int {
    let texts = (documents ?? []).reduce(0) { $0 + ($1?.utf8.count ?? 0) }
    return (embeddings?.values.count ?? 0) * 4 + ids.count * 64 + texts + (metadatas?.count ?? 0) * 256
  }
}
