package import ChromaModel

/// What a collection is, in a list and a loop: the oracle that every faster way is compared with.
package struct ModelCollection {
  package struct Row: Equatable {
    package var id: String
    package var embedding: [Float]
    package var document: String?
    package var uri: String?
    package var metadata: Metadata

    package init(
      id: String, embedding: [Float], document: String? = nil, uri: String? = nil, metadata: Metadata
    ) {
      self.id = id
      self.embedding = embedding
      self.document = document
      self.uri = uri
      self.metadata = metadata
    }
  }

  /// In the order records were first added.
  package var rows: [Row] = []

  package init() {}

  private func place(_ id: String) -> Int? { rows.firstIndex { $0.id.utf8.elementsEqual(id.utf8) } }

  package mutating func add(_ batch: RecordBatch) { write(batch, inserts: true, changes: false) }
  package mutating func update(_ batch: RecordBatch) { write(batch, inserts: false, changes: true) }
  package mutating func upsert(_ batch: RecordBatch) { write(batch, inserts: true, changes: true) }

  private mutating func write(_ batch: RecordBatch, inserts: Bool, changes: Bool) {
    for (index, id) in batch.ids.enumerated() {
      let embedding = batch.embeddings?.vector(index).map(Array.init)
      var row: Row
      let known = place(id)
      if let known {
        guard changes else { continue }
        row = rows[known]
      } else {
        guard inserts, let embedding else { continue }
        row = Row(id: id, embedding: embedding, metadata: [:])
      }
      if let embedding { row.embedding = embedding }
      if let document = batch.documents?[index] { row.document = document }
      if let uri = batch.uris?[index] { row.uri = uri }
      for (key, value) in batch.metadatas?[index] ?? [:] {
        row.metadata[key] = value.flatMap { $0.isEmptyArray ? nil : $0 }
      }
      if let known { rows[known] = row } else { rows.append(row) }
    }
  }

  package func rows(matching filter: RecordFilter) -> [Row] {
    rows.filter { row in
      (filter.ids.map { $0.contains { $0.utf8.elementsEqual(row.id.utf8) } } ?? true)
        && (filter.predicate?.matches(metadata: row.metadata, document: row.document) ?? true)
    }
  }

  package mutating func delete(_ request: DeleteRequest) -> Int {
    var gone = rows(matching: request.filter)
    if request.filter.predicate == nil, request.filter.ids == nil { gone = [] }
    if let limit = request.limit { gone = Array(gone.prefix(limit)) }
    rows.removeAll { row in gone.contains { $0.id.utf8.elementsEqual(row.id.utf8) } }
    return request.filter.predicate == nil ? request.filter.ids?.count ?? 0 : gone.count
  }

  package func get(_ request: GetRequest) -> [Row] {
    let matching = rows(matching: request.filter).dropFirst(request.offset)
    return Array(request.limit.map { matching.prefix($0) } ?? matching)
  }

  /// Distances of the rows that pass, ascending.
  package func distances(to query: [Float], space: Space, filter: RecordFilter) -> [Float] {
    rows(matching: filter).map { Self.distance(query, $0.embedding, space) }.sorted()
  }

  /// The definition of each space, in Double so that the order of summation does not matter.
  package static func distance(_ a: [Float], _ b: [Float], _ space: Space) -> Float {
    var (dot, squares, aa, bb) = (0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      let (x, y) = (Double(x), Double(y))
      dot += x * y
      squares += (x - y) * (x - y)
      aa += x * x
      bb += y * y
    }
    switch space {
    case .l2: return Float(squares)
    case .ip: return Float(1 - dot)
    case .cosine: return aa == 0 || bb == 0 ? 1 : Float(1 - dot / (aa * bb).squareRoot())
    }
  }
}
