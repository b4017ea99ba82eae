internal import ChromaModel
import Synchronization

/// All records of a collection in memory and in mapped blocks, by row.
///
/// One writer at a time; any number of readers, each on a ``Snapshot`` that never changes. Rows count up and are not
/// used again: an update takes a new row and leaves the old one dead.
package final class RecordTable: Sendable {
  /// What a published write did, in rows.
  package struct Change: Sendable {
    /// Rows whose record is gone for good.
    package var removed: [Int] = []
    /// New records in row order, with the row each one replaces.
    package var added: [(record: Record, replaces: Int?)] = []

    package init() {}
  }

  struct State {
    var snapshot: Snapshot
    var ids = IdTable()
  }

  private let state: Mutex<State>
  /// Held by whoever changes the table, from the copy of the state to its replacement.
  private let changing = Mutex<Void>(())
  /// Held by the one that makes a block.
  private let sealing = Mutex<Void>(())

  package init() { state = Mutex(State(snapshot: Snapshot())) }

  /// The table of blocks and records read back from disk; `live` says which of the blocks' rows still count.
  package init(blocks: [RecordBlock], live: RowBitmap) {
    var snapshot = Snapshot()
    for block in blocks { snapshot.append(block) }
    snapshot.live = live
    snapshot.findOrder()
    var ids = IdTable(capacity: live.count)
    live.forEach { row in
      if row < snapshot.blockRows { snapshot.withIdBytes(row) { ids.insert(hash: ids.hash($0), row: row) } }
    }
    state = Mutex(State(snapshot: snapshot, ids: ids))
  }

  package func snapshot() -> Snapshot { state.withLock { $0.snapshot } }

  /// Memory from ids to rows, and of which rows are live.
  package var idBytes: Int {
    state.withLock { $0.ids.byteCount + $0.snapshot.live.capacity / 8 }
  }

  /// A snapshot and, of the same moment, the row of each id; `nil` for an id that is not there.
  package func snapshot(resolving ids: [String]) -> (snapshot: Snapshot, rows: [Int?]) {
    state.withLock { state in (state.snapshot, ids.map { Self.row(of: $0, in: state) }) }
  }

  private static func row(of id: String, in state: borrowing State) -> Int? {
    var id = id
    let snapshot = state.snapshot
    return id.withUTF8 { utf8 in
      let bytes = UnsafeRawBufferPointer(utf8)
      return state.ids.row(hash: state.ids.hash(bytes)) { row in
        snapshot.withIdBytes(row) { $0.count == bytes.count && TextList.compare($0, bytes) == 0 }
      }
    }
  }

  /// Makes a committed write visible, all of it at once.
  ///
  /// - Complexity: O(change).
  package func publish(_ change: Change) { changing.withLock { _ in replaceState(by: change) } }

  private func replaceState(by change: Change) {
    // All but the swap itself happens on a copy, outside the lock that readers take.
    var next = snapshot()
    let oldRows = next
    var replaced: [(old: Int?, new: Int, record: Record)] = []
    for row in change.removed { next.live.remove(row) }
    for (record, old) in change.added {
      if let old { next.live.remove(old) }
      let row = next.rowCount
      next.append(record)
      next.live.insert(row)
      replaced.append((old, row, record))
    }
    let published = next
    state.withLock { state in
      for row in change.removed {
        oldRows.withIdBytes(row) { state.ids.remove(hash: state.ids.hash($0), row: row) }
      }
      for (old, row, record) in replaced {
        var id = record.id
        let hash = id.withUTF8 { state.ids.hash(UnsafeRawBufferPointer($0)) }
        if let old {
          state.ids.replace(hash: hash, row: old, with: row)
        } else {
          state.ids.insert(hash: hash, row: row)
        }
      }
      state.snapshot = published
    }
  }

  /// Appends a row that is dead already, so that the rows behind it keep their numbers. Only while loading.
  package func appendDead(version: Int64) {
    changing.withLock { _ in
      var next = snapshot()
      next.append(Record(version: version, position: version, id: "", document: nil, uri: nil, metadata: [:]))
      let published = next
      state.withLock { $0.snapshot = published }
    }
  }

  /// Makes a block of the first 2,048 rows that are in none, with columns and text index, while reads and writes go on.
  /// Until then these rows are searched record by record.
  ///
  /// - Returns: whether there was something to do.
  /// - Throws: `.damaged` for records that make no block (more than 4 GB of text).
  package func sealNext() throws(StorageError) -> Bool {
    try sealing.withLock { (_) throws(StorageError) in
      guard let tail = snapshot().unsealed.first else { return false }
      let block = try RecordBlock.build((0..<tail.count).map { tail[$0] })
      changing.withLock { _ in state.withLock { $0.snapshot.seal(with: block) } }
      return true
    }
  }

  /// Rows that make a draft of the tail, or another one, worth its building.
  package static let rowsWorthDrafting = 256

  /// Makes a block of the rows of the tail for filters, which otherwise test them one by one: for a table that is
  /// filtered while it hardly grows.
  ///
  /// - Returns: whether there was something to do.
  /// - Throws: as `sealNext`.
  package func draftTail() throws(StorageError) -> Bool {
    try sealing.withLock { (_) throws(StorageError) in
      let snapshot = snapshot()
      guard snapshot.undraftedCount >= Self.rowsWorthDrafting else { return false }
      let block = try RecordBlock.build(snapshot.draftRecords)
      snapshot.tail.draft.withLock { $0 = block }
      return true
    }
  }

  /// Puts mapped blocks in the place of equal ones in memory.
  package func replaceBlocks(startingAt first: Int, with blocks: [RecordBlock]) {
    changing.withLock { _ in
      state.withLock { state in
        for (index, block) in blocks.enumerated() { state.snapshot.replaceBlock(first + index, with: block) }
      }
    }
  }
}
