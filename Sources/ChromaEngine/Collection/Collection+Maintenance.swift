import ChromaModel
import Logging
import Storage
import Synchronization
import VectorIndex

extension Collection {
  /// Rows a collection has before a graph is worth its links: below, a scan answers as fast, and exactly.
  static let rowsWorthLinking = 2_048

  /// Starts what has become due: linking, a checkpoint, compaction. Cheap when nothing is.
  func maintain() {
    startLinking()
    let generation = generation.withLock { $0 }
    let snapshot = generation.table.snapshot()
    let rows = snapshot.rowCount
    let saved = savedRows.load(ordering: .relaxed)
    let compacts = services.policy.needsCompaction(live: snapshot.count, dead: snapshot.deadCount)
    let saves = services.policy.isDue(rows: rows, saved: saved, dimension: generation.index?.dimension ?? 0)
    guard compacts || saves else { return }
    guard isMaintained.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else { return }
    services.maintenance.submit {
      defer { self.isMaintained.store(false, ordering: .releasing) }
      if compacts { self.compact() } else { self.checkpoint() }
    }
  }

  /// Lets the graph catch up behind the rows that wait, on as many threads as there are cores.
  func startLinking() {
    guard let index = generation.withLock({ $0 }).index, index.rowCount >= Self.rowsWorthLinking else { return }
    while index.pendingCount > 0, linkers.load(ordering: .relaxed) < processorCount {
      linkers.add(1, ordering: .relaxed)
      services.maintenance.submit {
        self.link(index)
        self.linkers.subtract(1, ordering: .relaxed)
      }
      // A second thread only where there is work for it.
      if index.pendingCount < 512 { return }
    }
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

  private func link(_ index: HNSWIndex) {
    while !mustStop, generation.withLock({ $0.index === index }) {
      let snapshot = generation.withLock { $0 }.table.snapshot()
      let handled = Generation.withRowSet(snapshot.live, below: snapshot.rowCount) { index.link(atMost: 64, live: $0) }
      if handled == 0 { return }
    }
  }
}
