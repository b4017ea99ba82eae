import ChromaModel
import Dispatch
import Logging
import Storage
import Synchronization
import VectorIndex

extension Collection {
  /// One moment of the collection, and the rows of the ids asked for at that moment.
  struct View: Sendable {
    var records: RecordTable.Snapshot
    var index: HNSWIndex?
    /// `nil` when no ids were asked for; entries are `nil` for ids that are not there.
    var rows: [Int?]?
  }

  func view(resolving ids: [String]? = nil) -> View {
    // Within the lock, so that a table with rows is never paired with the index of before the first one.
    generation.withLock { generation in
      guard let ids else {
        return View(records: generation.table.snapshot(), index: generation.index, rows: nil)
      }
      let (snapshot, rows) = generation.table.snapshot(resolving: ids)
      return View(records: snapshot, index: generation.index, rows: rows)
    }
  }

  func get(_ request: GetRequest) async throws(ChromaError) -> GetResult {
    if let predicate = request.filter.predicate { try currentInfo.schema.check(predicate) }
    return try await services.searches.run { () throws(ChromaError) in
      let view = self.view(resolving: request.filter.ids)
      if request.filter.predicate != nil { self.noteFilter(view.records) }
      let selection = view.selection(
        request.filter.predicate, enough: view.records.enough(offset: request.offset, limit: request.limit))
      let rows = view.records.ordered(selection, offset: max(0, request.offset), limit: request.limit)
      return GetResult(records: view.columns(rows, request.include), include: request.include)
    }
  }

  func query(_ request: QueryRequest) async throws(ChromaError) -> QueryResult {
    let info = currentInfo
    if let predicate = request.filter.predicate { try info.schema.check(predicate) }
    let count = request.embeddings.count
    guard let dimension = info.dimension, count > 0 else {
      return QueryResult.empty(request)
    }
    guard request.embeddings.dimension == dimension else {
      throw .wrongDimension(expected: dimension, given: request.embeddings.dimension)
    }
    // Any number may have been set; longer lists than there can be rows are the same.
    let efSearch = min(info.schema.hnsw.efSearch ?? 100, HNSWIndex.maximumRowCount)
    lastQuery.store(DispatchTime.now().uptimeNanoseconds, ordering: .relaxed)
    return try await services.searches.run { () throws(ChromaError) in
      let view = self.view(resolving: request.filter.ids)
      if request.filter.predicate == nil, let rows = view.rows, rows.contains(nil) {
        // Chroma's own words and status, which its test suite asks for.
        throw ChromaError(.internal, "Error executing plan: Internal error: Error finding id")
      }
      if request.filter.predicate != nil { self.noteFilter(view.records) }
      return try view.query(request, efSearch: efSearch)
    }
  }
}

extension QueryResult {
  /// The answer where there is nothing to find.
  static func empty(_ request: QueryRequest, _ explanation: QueryExplanation = QueryExplanation(plan: .none))
    -> QueryResult
  {
    let questions = request.embeddings.count
    let columns = RecordColumns.empty(request.include)
    return QueryResult(
      records: [RecordColumns](repeating: columns, count: questions),
      distances: request.include.contains(.distances) ? [[Float]](repeating: [], count: questions) : nil,
      include: request.include, explanation: request.explain ? explanation : nil)
  }
}

extension RecordColumns {
  static func empty(_ include: [Include]) -> RecordColumns {
    RecordColumns(
      embeddings: include.contains(.embeddings) ? EmbeddingBatch(dimension: 0, values: []) : nil,
      documents: include.contains(.documents) ? [] : nil, uris: include.contains(.uris) ? [] : nil,
      metadatas: include.contains(.metadatas) ? [] : nil)
  }
}

extension Collection.View {
  /// The live rows a filter lets through, or the first of them, `enough` or more.
  func selection(_ predicate: Where?, enough: Int = .max) -> RowBitmap {
    guard let rows else { return records.rows(matching: predicate, enough: enough) }
    var candidates = RowBitmap(rowCount: records.rowCount)
    for case let row? in rows { candidates.insert(row) }
    return records.rows(matching: predicate, among: candidates, enough: enough)
  }

  /// The rows' records, column by column, each column only when it is asked for.
  func columns(_ rows: [Int], _ include: [Include]) -> RecordColumns {
    var columns = RecordColumns(ids: rows.map(records.id))
    if include.contains(.documents) { columns.documents = rows.map(records.document) }
    if include.contains(.uris) { columns.uris = rows.map(records.uri) }
    if include.contains(.metadatas) {
      columns.metadatas = rows.map { row in
        let metadata = records.metadata(row)
        return metadata.isEmpty ? nil : metadata
      }
    }
    if include.contains(.embeddings) {
      let dimension = index?.dimension ?? 0
      var values: [Float] = []
      values.reserveCapacity(rows.count * dimension)
      for row in rows { _ = index?.withVector(UInt32(row)) { values.append(contentsOf: $0) } }
      columns.embeddings = EmbeddingBatch(dimension: dimension, values: values)
    }
    return columns
  }

  func query(_ request: QueryRequest, efSearch: Int) throws(ChromaError) -> QueryResult {
    guard let index else { return .empty(request) }
    var watch = Stopwatch(runs: request.explain)
    let selection = selection(request.filter.predicate)
    let cost = SearchCost(
      allowed: selection.count, rowCount: records.rowCount, pending: index.pendingCount, k: request.nResults,
      ef: efSearch, dimension: index.dimension, parameters: index.parameters)
    let plan = QueryPlan(
      rows: records.rowCount, matching: selection.count, linked: index.linkedCount, k: request.nResults, ef: efSearch,
      prefersScan: cost.prefersScan)
    var explanation = QueryExplanation(
      plan: plan.strategy, rows: records.rowCount, matching: selection.count, linked: index.linkedCount, ef: plan.ef,
      filterMicroseconds: watch.lap())
    guard plan.strategy != .none else { return .empty(request, explanation) }
    let found = try Generation.withRowSet(selection, below: records.rowCount) { (rows) throws(ChromaError) in
      var found: [SearchResult] = []
      found.reserveCapacity(request.embeddings.count)
      for question in 0..<request.embeddings.count {
        guard let range = request.embeddings.range(question) else { continue }
        found.append(try search(request.embeddings.values[range], request.nResults, plan, rows, index))
      }
      return found
    }
    if request.explain {
      explanation.searchMicroseconds = watch.lap()
      explanation.questions = found.map {
        .init(visited: $0.visited, distances: $0.distances, scanned: plan.strategy == .graph && $0.scanned)
      }
    }
    return QueryResult(
      records: found.map { result in columns(result.neighbors.map { Int($0.row) }, request.include) },
      distances: request.include.contains(.distances) ? found.map { $0.neighbors.map(\.distance) } : nil,
      include: request.include, explanation: request.explain ? explanation : nil)
  }

  private func search(
    _ vector: ArraySlice<Float>, _ k: Int, _ plan: QueryPlan, _ rows: RowSet, _ index: HNSWIndex
  ) throws(ChromaError) -> SearchResult {
    do {
      return try vector.withUnsafeBufferPointer { (query) throws(VectorIndexError) in
        try index.search(query, k: k, ef: plan.ef, within: rows, strategy: plan.strategy == .graph ? .graph : .scan)
      }
    } catch {
      throw ChromaError(.internal, "The search failed", cause: "\(error)")
    }
  }
}

/// Times the parts of a query that is to be explained; others do not ask the clock.
private struct Stopwatch {
  private var last: UInt64

  init(runs: Bool) { last = runs ? DispatchTime.now().uptimeNanoseconds : 0 }

  /// Microseconds since the last call, 0 unless it runs.
  mutating func lap() -> Int {
    guard last > 0 else { return 0 }
    let now = DispatchTime.now().uptimeNanoseconds
    defer { last = now }
    return Int((now - last) / 1000)
  }
}
