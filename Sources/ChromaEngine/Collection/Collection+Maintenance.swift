import ChromaModel
import Dispatch
import Logging
import Storage
import Synchronization
import VectorIndex

extension Collection {
  /// Rows a collection has before a graph is worth its links: below, a scan answers as fast, and exactly.
  static let rowsWorthLinking = 2_048

  /// Starts what has become due: linking, a checkpoint, compaction. Cheap when nothing is.
  func maintain() {
    startSealing()
    startLinking()
    let generation = generation.withLock { $0 }
    let snapshot = generation.table.snapshot()
    startSaving(generation)
    let compacts = services.policy.needsCompaction(live: snapshot.count, dead: snapshot.deadCount)
    let saves =
      services.policy.isDue(
        rows: snapshot.rowCount, saved: savedRows.load(ordering: .relaxed), dimension: generation.index?.dimension ?? 0,
        recordBytes: snapshot.heapBytes)
      || services.policy.savesGraph(
        linked: generation.index?.linkedCount ?? 0, saved: generation.segments.files.graph?.linkedRows ?? 0)
    guard compacts || saves, maySave else { return }
    guard isMaintained.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else { return }
    services.savings.submit {
      defer { self.isMaintained.store(false, ordering: .releasing) }
      guard !self.mustStop else { return }
      self.pauseUnless(compacts ? self.compact() : self.checkpoint())
    }
  }

  /// Whether there is something full that can give its memory back.
  func isWorthSaving(_ generation: Generation) -> Bool {
    let snapshot = generation.table.snapshot()
    return services.policy.needsSaving(
      rows: snapshot.rowCount, fullChunks: generation.index.map { snapshot.rowCount / $0.rowsPerChunk } ?? 0,
      savedChunks: generation.segments.files.vectors.count, blockBytes: snapshot.heapBlockBytes)
  }

  /// Saves full chunks and blocks when there are some, beside whatever else is done.
  private func startSaving(_ generation: Generation) {
    guard isWorthSaving(generation), maySave,
      isSaving.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return }
    services.savings.submit {
      // A compaction may have taken its place meanwhile.
      if !self.mustStop, self.generation.withLock({ $0.table === generation.table }) {
        self.pauseUnless(self.saveFullSegments(of: generation))
      }
      self.isSaving.store(false, ordering: .releasing)
      // What became full meanwhile, after which nothing may be written for a while.
      if !self.mustStop { self.startSaving(self.generation.withLock { $0 }) }
    }
  }

  /// Nothing failed a short while ago.
  var maySave: Bool { DispatchTime.now().uptimeNanoseconds >= retriesAfter.load(ordering: .relaxed) }

  /// A full disk, say: trying at every write would make it worse.
  func pauseUnless(_ succeeded: Bool) {
    if succeeded { return }
    retriesAfter.store(DispatchTime.now().uptimeNanoseconds + 30_000_000_000, ordering: .relaxed)
  }

  /// Makes blocks of full tails behind the writes, with the columns and the text index that filters read.
  func startSealing() {
    let table = generation.withLock { $0 }.table
    let snapshot = table.snapshot()
    guard snapshot.unsealedCount > 0 || isWorthDrafting(snapshot),
      isSealing.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return }
    submitSealing(table)
  }

  /// One block, then to the end of the line: collections take turns, and so do sealing and linking.
  private func submitSealing(_ table: RecordTable) {
    services.linking.submit {
      if !self.mustStop, self.generation.withLock({ $0.table === table }), self.seal(table) || self.draft(table) {
        self.submitSealing(table)
      } else {
        self.isSealing.store(false, ordering: .releasing)
        // Of a write that came while this one was ending, or of another generation.
        if !self.mustStop, !self.cannotSeal.load(ordering: .relaxed) { self.startSealing() }
      }
    }
  }

  /// Filters come in and find many rows in no block.
  private func isWorthDrafting(_ snapshot: RecordTable.Snapshot) -> Bool {
    let last = lastFilter.load(ordering: .relaxed)
    return last > 0 && DispatchTime.now().uptimeNanoseconds < last + 10_000_000_000
      && snapshot.undraftedCount >= RecordTable.rowsWorthDrafting && !cannotSeal.load(ordering: .relaxed)
  }

  /// Notes that a filter is about to be evaluated on a snapshot.
  func noteFilter(_ snapshot: RecordTable.Snapshot) {
    lastFilter.store(DispatchTime.now().uptimeNanoseconds, ordering: .relaxed)
    if isWorthDrafting(snapshot) { startSealing() }
  }

  private func draft(_ table: RecordTable) -> Bool {
    guard isWorthDrafting(table.snapshot()) else { return false }
    return makeBlock { () throws(StorageError) in try table.draftTail() }
  }

  /// - Returns: whether a block was made.
  func seal(_ table: RecordTable) -> Bool { makeBlock { () throws(StorageError) in try table.sealNext() } }

  private func makeBlock(_ make: () throws(StorageError) -> Bool) -> Bool {
    guard !cannotSeal.load(ordering: .relaxed) else { return false }
    do {
      return try make()
    } catch {
      // More text than a block can hold: these rows, and those behind them, stay as they are and are searched one by one.
      services.logger.error("a block could not be made", metadata: ["collection": "\(id)", "error": "\(error)"])
      cannotSeal.store(true, ordering: .relaxed)
      return false
    }
  }

  /// Lets the graph catch up behind the rows that wait, on as many threads as there are cores.
  func startLinking() {
    guard let index = generation.withLock({ $0 }).index, index.rowCount >= Self.rowsWorthLinking else { return }
    // A second thread only where there is work for it.
    let wanted = index.pendingCount == 0 ? 0 : index.pendingCount < 512 ? 1 : processorCount
    while linkers.load(ordering: .relaxed) < wanted {
      linkers.add(1, ordering: .relaxed)
      submitLinking(index)
    }
  }

  /// One batch, then to the end of the line: collections take turns.
  private func submitLinking(_ index: HNSWIndex) {
    services.linking.submit {
      if !self.mustStop, self.generation.withLock({ $0.index === index }), self.linkBatch(index) > 0 {
        self.submitLinking(index)
      } else {
        self.linkers.subtract(1, ordering: .relaxed)
        guard !self.mustStop else { return }
        // Rows that came while this one was ending; or all are linked, and worth saving though nobody writes.
        if index.pendingCount > 0 { self.startLinkingLater(index) } else { self.maintain() }
      }
    }
  }

  private func startLinkingLater(_ index: HNSWIndex) {
    let generation = generation.withLock { $0 }
    // The index of before a compaction: its numbers say nothing of the new one's.
    guard generation.index === index else { return maintain() }
    let snapshot = generation.table.snapshot()
    // Rows that were appended but are not published yet cannot be linked: their write starts it again.
    if index.rowCount - index.pendingCount < snapshot.rowCount { startLinking() }
  }

  /// - Returns: rows handled; 0 when there was nothing to do.
  func linkBatch(_ index: HNSWIndex) -> Int {
    let snapshot = generation.withLock { $0 }.table.snapshot()
    return Generation.withRowSet(snapshot.live, below: snapshot.rowCount) { index.link(atMost: 64, live: $0) }
  }

  /// Rows of the index and those of them that wait for their links; a small collection is never linked.
  var indexingStatus: IndexingStatus {
    guard let index = generation.withLock({ $0 }).index else { return IndexingStatus(indexed: 0, total: 0) }
    let total = index.rowCount
    guard total >= Self.rowsWorthLinking else { return IndexingStatus(indexed: total, total: total) }
    // A row that was taken by a thread still at work is not in the graph yet.
    let waiting = max(index.pendingCount, min(linkers.load(ordering: .relaxed), total))
    return IndexingStatus(indexed: total - waiting, total: total)
  }

  /// The collection is closed or gone, or the engine stops.
  var mustStop: Bool {
    isClosing.load(ordering: .relaxed) || isDeleted.load(ordering: .relaxed)
      || services.isStopping.load(ordering: .relaxed)
  }
}
