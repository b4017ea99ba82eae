import ChromaModel
import Dispatch
import Logging
import Storage
import Synchronization
import VectorIndex

extension Collection {
  /// Rows that may be left to be brought over while writes are held up.
  private static let rowsLeftForTheEnd = 256
  /// Rounds of bringing over what changed meanwhile before writes are held up whatever is left.
  private static let catchUpRounds = 16

  /// Rebuilds records and index without their dead rows, in the order of `get`, and takes them in use.
  ///
  /// All of it is copied from snapshots while reads and writes go on, each round from what changed during the one before;
  /// only the last round, of few rows, holds writes up. Full chunks and blocks of the copy go to files as they fill, so
  /// that for a while there are two sets of codes and links in memory, and no more.
  ///
  /// - Returns: whether it came to its end.
  func compact() -> Bool {
    let old = generation.withLock { $0 }
    guard let oldIndex = old.index else { return true }
    let new = Generation(
      table: RecordTable(),
      index: HNSWIndex(
        dimension: oldIndex.dimension, metric: oldIndex.metric, parameters: currentInfo.schema.parameters))
    do {
      guard try rebuild(old, from: oldIndex, into: new) else {
        removeFiles(of: new)
        return true
      }
    } catch {
      removeFiles(of: new)
      // Whoever closes takes away what it writes to.
      if mustStop { return true }
      services.logger.error("compaction failed", metadata: ["collection": "\(id)", "error": "\(error)"])
      return false
    }
    startLinking()
    return checkpoint()
  }

  /// - Returns: whether the new generation is in use; not when the collection must stop.
  private func rebuild(_ old: Generation, from oldIndex: HNSWIndex, into new: Generation) throws -> Bool {
    var move = RowMove()
    let start = old.table.snapshot()
    move.note(start)
    try copy(start.ordered(start.live, offset: 0, limit: nil), of: start, from: oldIndex, to: new, &move)
    compacting.withLock { $0 = new }
    linkAll(new)
    compacting.withLock { $0 = nil }
    for _ in 0..<Self.catchUpRounds where !mustStop {
      let now = old.table.snapshot()
      let changes = move.changes(to: now)
      guard changes.removed.count + changes.added.count > Self.rowsLeftForTheEnd else { break }
      // Their links are made later, as after any write: copying alone is faster than writing, so that this comes to its
      // end.
      try bringOver(changes, of: now, from: oldIndex, to: new, &move)
    }
    if mustStop { return false }
    return try writer.withLock { _ in
      let now = old.table.snapshot()
      try bringOver(move.changes(to: now), of: now, from: oldIndex, to: new, &move, isLast: true)
      guard !mustStop else { return false }
      // Its rows have other numbers, so the next checkpoint names none of the old files.
      savedRows.store(0, ordering: .relaxed)
      generation.withLock { $0 = new }
      cannotSeal.store(!move.canSeal, ordering: .relaxed)
      return true
    }
  }

  /// Gives the room on the disk back that a generation took which did not come in use: no checkpoint would, since one
  /// may need that room itself.
  private func removeFiles(of unused: Generation) {
    saving.withLock { _ in
      writer.withLock { writer in
        // Only while the database is open is the directory this collection's; the next opening removes them otherwise.
        guard writer.store != nil, services.lease.allowsCommit() else { return }
        segments.remove(unused.segments.files.names)
      }
    }
  }

  private func bringOver(
    _ changes: RowMove.Changes, of now: RecordTable.Snapshot, from index: HNSWIndex, to new: Generation,
    _ move: inout RowMove, isLast: Bool = false
  ) throws {
    var removed = RecordTable.Change()
    removed.removed = changes.removed.map { move.take($0) }
    new.table.publish(removed)
    move.note(now)
    try copy(changes.added, of: now, from: index, to: new, &move, isLast: isLast)
  }

  /// - Parameter isLast: the writer's lock is held, and nothing is saved meanwhile.
  private func copy(
    _ rows: [Int], of records: RecordTable.Snapshot, from index: HNSWIndex, to new: Generation, _ move: inout RowMove,
    isLast: Bool = false
  ) throws {
    var next = new.table.snapshot().rowCount
    var start = 0
    var vectors: [Float] = []
    while start < rows.count, !mustStop {
      let end = min(start + 256, rows.count)
      var change = RecordTable.Change()
      vectors.removeAll(keepingCapacity: true)
      for row in rows[start..<end] {
        change.added.append((records.record(row), nil))
        index.withVector(UInt32(row)) { vectors.append(contentsOf: $0) }
        move.set(row, to: next)
        next += 1
      }
      _ = try vectors.withUnsafeBufferPointer { try new.index?.append($0) }
      new.table.publish(change)
      seal(new.table, &move)
      if !isLast, isWorthSaving(new), !saveFullSegments(of: new) {
        // All of it would stay in memory, and the checkpoint at the end would fail as well.
        throw ChromaError(.insufficientStorage, "What was rebuilt could not be saved")
      }
      start = end
    }
  }

  private func seal(_ table: RecordTable, _ move: inout RowMove) {
    do {
      while move.canSeal, try table.sealNext() {}
    } catch {
      // More text than a block can hold: these rows, and those behind them, stay as they are, as after any write.
      move.canSeal = false
    }
  }

  private func linkAll(_ new: Generation) {
    guard let index = new.index, index.rowCount >= Self.rowsWorthLinking else { return }
    while !mustStop, linkSome(of: new) > 0 {}
  }

  /// - Returns: rows handled; 0 when none wait.
  private func linkSome(of new: Generation) -> Int {
    let snapshot = new.table.snapshot()
    return Generation.withRowSet(snapshot.live, below: snapshot.rowCount) { rows in
      new.index?.link(atMost: 64, live: rows) ?? 0
    }
  }

  /// Makes links for the compaction that is under way while there are far more dead rows than it was begun for: it gives
  /// way to everything else, and would never come to its end beside writers that leave it nothing.
  func helpCompaction() {
    // For a while at each group of writes, as with links.
    let end = DispatchTime.now().uptimeNanoseconds + Self.helpNanoseconds
    while !mustStop, DispatchTime.now().uptimeNanoseconds < end, let new = compacting.withLock({ $0 }) {
      let records = generation.withLock { $0 }.table.snapshot()
      guard services.policy.isFarBehind(live: records.count, dead: records.deadCount), linkSome(of: new) > 0 else {
        return
      }
    }
  }
}

/// Where rows of a generation went in the next one: four bytes a row.
private struct RowMove {
  private static let nowhere = UInt32.max

  /// To be done so that the new generation is what the old one has become.
  struct Changes {
    /// Rows of the old one that are in the new one and are to go.
    var removed: [Int] = []
    /// Rows of the old one that are to come.
    var added: [Int] = []
  }

  /// Unless the new generation's oldest unsealed rows make no block.
  var canSeal = true
  private var places: [UInt32] = []

  /// Takes notice of all rows of a snapshot; those not seen before are nowhere.
  mutating func note(_ snapshot: RecordTable.Snapshot) {
    places.append(contentsOf: repeatElement(Self.nowhere, count: max(0, snapshot.rowCount - places.count)))
  }

  mutating func set(_ row: Int, to place: Int) { places[row] = UInt32(place) }

  /// Where a row went; it is nowhere from then on.
  mutating func take(_ row: Int) -> Int {
    defer { places[row] = Self.nowhere }
    return Int(places[row])
  }

  /// What a later snapshot has no more, and what only it has. Nothing is noted: whoever does not carry it out is told of
  /// it again.
  func changes(to now: RecordTable.Snapshot) -> Changes {
    var changes = Changes()
    for row in places.indices where places[row] != Self.nowhere && !now.live.contains(row) {
      changes.removed.append(row)
    }
    // A row that was dead stays dead, so what is new is behind what was seen.
    for row in places.count..<max(places.count, now.rowCount) where now.live.contains(row) { changes.added.append(row) }
    return changes
  }
}
