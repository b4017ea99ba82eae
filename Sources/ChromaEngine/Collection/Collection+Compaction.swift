import ChromaModel
import Logging
import Storage
import Synchronization
import VectorIndex

extension Collection {
  /// Rebuilds records and index without their dead rows, in the order of `get`, and takes them in use.
  ///
  /// The bulk is copied from a snapshot while reads and writes go on; what changed meanwhile is brought over with
  /// writes held up for that long.
  ///
  /// - Returns: whether it came to its end.
  func compact() -> Bool {
    let old = generation.withLock { $0 }
    guard let oldIndex = old.index else { return true }
    let start = old.table.snapshot()
    let new = Generation(
      table: RecordTable(),
      index: HNSWIndex(
        dimension: oldIndex.dimension, metric: oldIndex.metric, parameters: currentInfo.schema.parameters))
    do {
      /// Row of the new generation for each row copied.
      var places: [Int: Int] = [:]
      try copy(start.ordered(start.live, offset: 0, limit: nil), of: start, from: oldIndex, to: new, &places)
      linkAll(new)
      if mustStop { return true }
      try writer.withLock { writer in
        let now = old.table.snapshot()
        var removed = RecordTable.Change()
        start.live.forEach { row in
          if !now.live.contains(row), let place = places[row] { removed.removed.append(place) }
        }
        try new.table.publish(removed)
        var added: [Int] = []
        now.live.forEach { row in
          if places[row] == nil { added.append(row) }
        }
        try copy(added, of: now, from: oldIndex, to: new, &places)
        guard !mustStop else { return }
        // Its rows have other numbers, so nothing of the old checkpoint fits.
        writer.manifestIsOutdated = true
        savedRows.store(0, ordering: .relaxed)
        generation.withLock { $0 = new }
      }
      startLinking()
    } catch {
      services.logger.error("compaction failed", metadata: ["collection": "\(id)", "error": "\(error)"])
      return false
    }
    return checkpoint()
  }

  private func copy(
    _ rows: [Int], of records: RecordTable.Snapshot, from index: HNSWIndex, to new: Generation,
    _ places: inout [Int: Int]
  ) throws {
    var next = new.table.snapshot().rowCount
    var start = 0
    while start < rows.count, !mustStop {
      let end = min(start + RecordBlock.capacity, rows.count)
      var change = RecordTable.Change()
      var vectors: [Float] = []
      vectors.reserveCapacity((end - start) * index.dimension)
      for row in rows[start..<end] {
        change.added.append((records.record(row), nil))
        index.withVector(UInt32(row)) { vectors.append(contentsOf: $0) }
        places[row] = next
        next += 1
      }
      _ = try vectors.withUnsafeBufferPointer { try new.index?.append($0) }
      try new.table.publish(change)
      start = end
    }
  }

  private func linkAll(_ new: Generation) {
    guard let index = new.index, index.rowCount >= Self.rowsWorthLinking else { return }
    let snapshot = new.table.snapshot()
    while !mustStop {
      let handled = Generation.withRowSet(snapshot.live, below: snapshot.rowCount) { index.link(atMost: 256, live: $0) }
      if handled == 0 { return }
    }
  }
}
