import CMemory
package import ChromaModel
import Storage
import Synchronization
import VectorIndex

extension Engine: MemoryAPI {
  package func memory() async throws(ChromaError) -> MemoryReport {
    let process = ProcessMemory.current()
    let collections = cache.withLock { $0.openCollections }
    return MemoryReport(
      budget: gate.budget, anonymous: process.anonymous, mapped: process.mapped, freeHeap: cm_free_heap_bytes(),
      heldWrites: gate.heldCount,
      collections: collections.map(\.memory).sorted { ($0.bytes.anonymous, $0.id) > ($1.bytes.anonymous, $1.id) })
  }

  package var isShortOfMemory: Bool { gate.holdsWriters }

  /// Makes room, again and again while writers wait for it; at once when it is not under way.
  func startRelief() {
    guard isRelieving.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else { return }
    Task {
      repeat {
        await relieve()
        guard gate.heldCount > 0, !isClosed.load(ordering: .acquiring) else { break }
        try? await Task.sleep(for: .milliseconds(100))
      } while gate.heldCount > 0
      isRelieving.store(false, ordering: .releasing)
      // One that came to wait while this was ending.
      if gate.heldCount > 0, !isClosed.load(ordering: .acquiring) { startRelief() }
    }
  }

  /// Closes idle collections, saves what is full of the others, gives back what is only kept for speed, in this order and
  /// as far as it is needed; after each of them lets the writers through that fit.
  func relieve() async {
    if gate.needsRelief {
      await giveBack(closing: false)
      while gate.measureNow() > gate.reliefMark, await closeIdle() { await giveBack(closing: true) }
    }
    gate.admitWaiting()
  }

  private func giveBack(closing: Bool) async {
    let collections = closing ? [] : cache.withLock { $0.openCollections }
    try? await services.relief.run { [gate] () throws(ChromaError) in
      for collection in collections {
        collection.giveBack()
        // There may be thousands of others, and who waits does so for a bounded time.
        if gate.heldCount > 0 { gate.admitWaiting() }
      }
      HNSWIndex.dropScratch()
      cm_trim_heap()
      if gate.heldCount > 0 { gate.admitWaiting() }
    }
  }
}

/// Free memory that the heap may hold on to.
private let heapSlack = 16 << 20

/// Gives back what the heap holds when it has grown to more than a little.
func trimHeap() { if cm_free_heap_bytes() > heapSlack { cm_trim_heap() } }

extension Collection {
  /// Its bytes by kind, at about this moment.
  var memory: CollectionMemory {
    let generation = generation.withLock { $0 }
    let snapshot = generation.table.snapshot()
    let index = generation.index?.memory ?? IndexMemory()
    var bytes = CollectionMemory.Kinds()
    bytes.vectors = index.vectors
    bytes.vectorsMapped = index.vectorsMapped
    bytes.codes = index.codes
    bytes.links = index.links
    bytes.recentRecords = snapshot.tailWeight
    bytes.blocks = snapshot.heapBlockBytes
    bytes.blocksMapped = snapshot.mappedBlockBytes
    bytes.ids = generation.table.idBytes
    bytes.database = databaseBytes.load(ordering: .relaxed)
    let info = currentInfo
    return CollectionMemory(
      id: id, name: info.name, path: info.path, rows: snapshot.count, deadRows: snapshot.deadCount, bytes: bytes)
  }

  /// Anonymous memory it takes: by kind, and a floor for all that is small.
  var residentBytes: Int { 128 << 10 + memory.bytes.anonymous }

  /// Too few rows for a snapshot: it is opened again as fast as they are read.
  var isSmall: Bool { generation.withLock { $0 }.table.snapshot().rowCount < services.policy.minimumRows }

  /// Saves what is full, and drops what can be read again.
  func giveBack() {
    if maySave { pauseUnless(saveFullSegments(of: generation.withLock { $0 })) }
    writer.withLock { writer in
      writer.store?.releaseMemory()
      databaseBytes.store(writer.store?.memoryBytes ?? 0, ordering: .relaxed)
    }
  }

  /// Whether `count` more rows leave what must stay in memory, codes and links and ids, within the engine's budget.
  ///
  /// - Throws: `insufficientStorage` where not. Nothing is stored then; reading and deleting go on.
  func checkGrowth(by count: Int, dimension given: Int, budget: Int) throws(ChromaError) {
    let generation = generation.withLock { $0 }
    let info = currentInfo
    let perRow =
      16
      + (generation.index?.residentBytesPerRow
        ?? HNSWIndex.residentBytesPerRow(dimension: max(1, given), parameters: info.schema.parameters))
    let rows = generation.table.snapshot().rowCount + count
    let (needed, overflows) = rows.multipliedReportingOverflow(by: perRow)
    guard overflows || needed > budget else { return }
    throw ChromaError(
      .insufficientStorage,
      "Collection [\(info.name)] is too large for the memory budget: \(rows) rows of \(perRow) bytes for codes, links and "
        + "ids come to \(MemoryGate.text(needed)), and collections may take \(MemoryGate.text(budget)). Nothing of this "
        + "request was stored; it can be read, and records can be deleted. Raise --memory-budget to let it grow")
  }
}
