import ChromaModel
import Dispatch
import Logging
import Storage
import Synchronization
import VectorIndex

extension Collection {
  /// Stores one request's changes; returns when they are on stable storage and visible.
  func write(_ operation: WriteOperation) async throws(ChromaError) -> Int {
    let result: Result<Int, ChromaError> = await withCheckedContinuation { continuation in
      enqueue(PendingWrite(operation: operation) { continuation.resume(returning: $0) })
    }
    return try result.get()
  }

  private func enqueue(_ write: PendingWrite) {
    let mustStart = queue.withLock { queue in
      queue.waiting.append(write)
      defer { queue.isRunning = true }
      return !queue.isRunning
    }
    if mustStart { services.commits.submit { self.drain() } }
  }

  /// Runs `job` on a thread that may block, once every write in the queue is committed.
  func afterWrites(_ job: @escaping @Sendable () -> Void) {
    let mustWait = queue.withLock { queue in
      if queue.isRunning { queue.whenIdle.append(job) }
      return queue.isRunning
    }
    if !mustWait { services.commits.submit(job) }
  }

  /// Commits what waits, group after group: whatever arrives during one fsync shares the next.
  private func drain() {
    while true {
      slowDown()
      let (group, afterwards) = queue.withLock { queue in
        let taken = (queue.waiting, queue.waiting.isEmpty ? queue.whenIdle : [])
        if queue.waiting.isEmpty {
          queue.isRunning = false
          queue.whenIdle = []
        }
        queue.waiting = []
        return taken
      }
      guard !group.isEmpty else {
        for job in afterwards { job() }
        return
      }
      writer.withLock { writer in
        commit(group, &writer)
        databaseBytes.store(writer.store?.memoryBytes ?? 0, ordering: .relaxed)
      }
      maintain()
    }
  }

  /// Rows that may wait for their links before writers have to help. A search compares them all: that takes a few
  /// milliseconds while somebody searches. What is loaded while nobody does may make the first searches take longer, up to
  /// the time for two gigabytes of vectors, so that a load goes as fast at its end as at its beginning.
  private func rowsWaiting(_ index: HNSWIndex) -> Int {
    let lastQuery = lastQuery.load(ordering: .relaxed)
    let isQueried = lastQuery > 0 && DispatchTime.now().uptimeNanoseconds < lastQuery + Self.queriedNanoseconds
    return isQueried ? 65_536 : max(65_536, (2 << 30) / (index.dimension * 4))
  }

  /// How long one group of writes is held up at most.
  static let helpNanoseconds: UInt64 = 100_000_000

  /// How long after a query more of them are expected.
  private static let queriedNanoseconds: UInt64 = 10_000_000_000

  /// Full tails that may wait to become blocks before writers have to help: they are searched record by record.
  private static let tailsWaiting = 4

  /// Holds the writers up while too many rows wait for their blocks or links, or too many dead ones for compaction, by
  /// doing some of it here.
  private func slowDown() {
    helpCompaction()
    let table = generation.withLock { $0 }.table
    while table.snapshot().unsealedCount > Self.tailsWaiting, !mustStop {
      guard seal(table) else { break }
    }
    guard let index = generation.withLock({ $0 }).index else { return }
    // For a while at each group of writes: after a load that nobody watched, many rows may wait when a query comes.
    let end = DispatchTime.now().uptimeNanoseconds + Self.helpNanoseconds
    while index.pendingCount > rowsWaiting(index), DispatchTime.now().uptimeNanoseconds < end, !mustStop {
      if linkBatch(index) == 0 { return }
    }
  }

  private func commit(_ group: [PendingWrite], _ writer: inout Writer) {
    var rest = group[...]
    while let first = rest.first {
      // A delete by predicate sees only what is stored, so it starts a group of its own.
      let end = rest.dropFirst().firstIndex { $0.operation.looksAtAllRecords } ?? rest.endIndex
      let part = first.operation.looksAtAllRecords ? rest.prefix(1) : rest[..<end]
      commitTogether(Array(part), &writer)
      rest = rest[part.endIndex...]
    }
  }

  private func commitTogether(_ writes: [PendingWrite], _ writer: inout Writer) {
    do throws(ChromaError) {
      try prepare(&writer)
      var plan = makePlan(writer)
      var accepted: [(write: PendingWrite, value: Int)] = []
      for write in writes {
        do throws(ChromaError) {
          accepted.append((write, try plan.apply(write.operation)))
        } catch {
          write.complete(.failure(error))
        }
      }
      do throws(ChromaError) {
        try store(plan, &writer)
      } catch {
        // One request that cannot be stored (too large, say) must not take the others with it.
        if accepted.count > 1 {
          for (write, _) in accepted { commitTogether([write], &writer) }
        } else {
          for (write, _) in accepted { write.complete(.failure(error)) }
        }
        return
      }
      for (write, value) in accepted { write.complete(.success(value)) }
    } catch {
      for write in writes { write.complete(.failure(error)) }
    }
  }

  /// Opens the database for the first write, or after it failed.
  private func prepare(_ writer: inout Writer) throws(ChromaError) {
    if isDeleted.load(ordering: .acquiring) {
      throw Engine.noCollection(id)
    }
    if isClosing.load(ordering: .acquiring) { throw ChromaError(.unavailable, "The collection is being closed") }
    if let failure = writer.failure { throw failure }
    if writer.store == nil {
      writer.store = try translating { () throws(StorageError) in
        try RecordStore(directory: directory, lease: services.lease)
      }
    }
  }

  private func makePlan(_ writer: borrowing Writer) -> WritePlan {
    let generation = generation.withLock { $0 }
    let info = currentInfo
    return WritePlan(
      table: generation.table, nextVersion: writer.nextVersion, dimension: info.dimension, schema: info.schema,
      vector: { row in generation.index?.withVector(UInt32(row)) { Array($0) } ?? [] })
  }

  private func store(_ plan: WritePlan, _ writer: inout Writer) throws(ChromaError) {
    guard !plan.isEmpty else { return }
    var info = currentInfo
    let dimensionChanged = plan.dimension != info.dimension
    let commit = plan.commit(
      knownDimension: info.dimension,
      schemaText: plan.schemaChanged || dimensionChanged ? plan.schema.json.text : nil)
    do {
      try writer.store?.commit(commit)
    } catch {
      let failure = ChromaError(error)
      if case .diskFull = error { throw failure }
      services.logger.error("commit failed", metadata: ["collection": "\(id)", "error": "\(error)"])
      // A failed write or sync leaves open what is on the disk.
      if case .sqlite(let code, _, _) = error, code & 0xff == 10 { fail(failure, &writer) }
      throw failure
    }
    writer.nextVersion = plan.nextVersion
    do {
      try publish(plan, &info)
    } catch {
      // Stored but not visible: only a fresh look at the database can tell what is there.
      let failure = ChromaError(.internal, "The collection must be reopened", cause: "\(error)")
      services.logger.error("publishing failed", metadata: ["collection": "\(id)", "error": "\(error)"])
      fail(failure, &writer)
      throw failure
    }
    if dimensionChanged || plan.schemaChanged || writer.catalogIsBehind { tellCatalog(plan, &writer) }
  }

  /// Takes the collection out of use; the next request opens it from what is stored.
  private func fail(_ failure: ChromaError, _ writer: inout Writer) {
    writer.failure = failure
    isBroken.store(true, ordering: .releasing)
  }

  /// Makes a stored plan visible, vectors first, so that whoever sees a row finds its vector.
  private func publish(_ plan: WritePlan, _ info: inout CollectionInfo) throws {
    let change = plan.change
    if !change.added.isEmpty, let dimension = plan.dimension {
      let index = try makeIndex(dimension: dimension, schema: plan.schema)
      var vectors: [Float] = []
      vectors.reserveCapacity(change.added.count * dimension)
      for case let pending? in plan.pending { vectors.append(contentsOf: pending.embedding) }
      _ = try vectors.withUnsafeBufferPointer { try index.append($0) }
    }
    generation.withLock { $0 }.table.publish(change)
  }

  private func makeIndex(dimension: Int, schema: Schema) throws -> HNSWIndex {
    generation.withLock { generation in
      if let index = generation.index { return index }
      let index = HNSWIndex(dimension: dimension, metric: schema.metric, parameters: schema.parameters)
      generation.index = index
      return index
    }
  }

  /// Copies dimension and schema to the catalogue, which answers for collections that are not open.
  private func tellCatalog(_ plan: WritePlan, _ writer: inout Writer) {
    let updated = info.withLock { info in
      info.dimension = plan.dimension
      info.schema = plan.schema
      return info
    }
    do {
      _ = try services.catalog.updateCollection(updated)
      writer.catalogIsBehind = false
    } catch {
      writer.catalogIsBehind = true
      services.logger.warning("the catalogue is behind its collection", metadata: ["error": "\(error)"])
    }
  }
}

extension Schema {
  var metric: DistanceMetric {
    switch space {
    case .l2: .l2
    case .cosine: .cosine
    case .ip: .ip
    }
  }

  var parameters: HNSWParameters {
    HNSWParameters(m: hnsw.maxNeighbors ?? 16, efConstruction: hnsw.efConstruction ?? 100)
  }
}
