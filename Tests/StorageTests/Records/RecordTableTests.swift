import ChromaModel
import ChromaTestSupport
import Testing

@testable import Storage

@Suite("Records by row")
struct RecordTableTests {
  /// A table and the same records in a list, after the same random writes.
  ///
  /// - Parameter blocks: made in between, as many as the rows allow.
  private func makeTable(
    seed: UInt64, rows: Int, blocks: Int = .max
  ) throws -> (RecordTable, [Record], RandomRecords) {
    var random = RandomRecords(seed: seed, dimension: 1, idCount: rows)
    let table = RecordTable()
    var live: [Int: Record] = [:]
    var rowOfID: [String: Int] = [:]
    var version: Int64 = 0
    while table.snapshot().rowCount < rows {
      var change = RecordTable.Change()
      let base = table.snapshot().rowCount
      var touched: Set<String> = []
      for _ in 0..<random.int(1..<200) {
        let id = random.id()
        guard touched.insert(id).inserted else { continue }
        if random.chance(15), let row = rowOfID[id] {
          change.removed.append(row)
          rowOfID[id] = nil
          live[row] = nil
          continue
        }
        version += 1
        let old = rowOfID[id]
        let record = Record(
          version: version, position: old.flatMap { live[$0]?.position } ?? version, id: id,
          document: random.chance(70) ? random.text() : nil, uri: random.chance(20) ? "u" : nil,
          metadata: (random.update() ?? [:]).compactMapValues { $0 }.filter { !$0.value.isEmptyArray })
        let row = base + change.added.count
        change.added.append((record, old))
        if let old { live[old] = nil }
        live[row] = record
        rowOfID[id] = row
      }
      table.publish(change)
      if table.snapshot().blocks.count < blocks { _ = try table.sealNext() }
    }
    let ordered = live.sorted { $0.value.position < $1.value.position }.map(\.value)
    return (table, ordered, random)
  }

  @Test(
    "Filters on columns and on rows in no block agree with their definition",
    arguments: [(UInt64(1), 0, false), (2, 1, true), (3, 2, false), (8, 2, true)])
  func filtersAgree(seed: UInt64, blocks: Int, drafts: Bool) throws {
    var (table, records, random) = try makeTable(seed: seed, rows: 5_000, blocks: blocks)
    if drafts { #expect(try table.draftTail()) }
    let snapshot = table.snapshot()
    #expect(drafts == (snapshot.undraftedCount == 0))
    #expect(snapshot.blocks.count == blocks && snapshot.unsealedCount == 2 - blocks)
    for step in 0..<(blocks == 2 ? 400 : 100) {
      let predicate = random.predicate(depth: 3)
      let found = snapshot.ordered(snapshot.rows(matching: predicate), offset: 0, limit: nil).map(snapshot.version)
      let expected = records.filter { predicate.matches(metadata: $0.metadata, document: $0.document) }.map(\.version)
      #expect(found == expected, "seed \(seed), step \(step): \(predicate)")
      if found != expected { break }
    }
  }

  @Test("Every record comes back from its block as it was", arguments: [UInt64(4)])
  func recordsSurvive(seed: UInt64) throws {
    let (table, records, _) = try makeTable(seed: seed, rows: 4_500)
    let (snapshot, rows) = table.snapshot(resolving: records.map(\.id))
    for (record, row) in zip(records, rows) {
      let row = try #require(row, "id \(record.id)")
      let found = snapshot.record(row)
      #expect(found.id.utf8.elementsEqual(record.id.utf8))
      #expect(found.version == record.version && found.position == record.position)
      #expect(found.document == record.document && found.uri == record.uri && found.metadata == record.metadata)
    }
    #expect(snapshot.count == records.count)
  }

  @Test("Offset and limit cut the order of first adds")
  func orderIsKept() throws {
    let (table, records, _) = try makeTable(seed: 5, rows: 3_000)
    let snapshot = table.snapshot()
    #expect(!snapshot.isOrdered)
    for (offset, limit) in [(0, 10), (7, 3), (records.count - 2, 10), (records.count + 5, 1), (0, 0)] {
      let rows = snapshot.ordered(snapshot.live, offset: offset, limit: limit)
      #expect(rows.map(snapshot.version) == records.dropFirst(offset).prefix(limit).map(\.version))
    }
  }

  @Test("A filter that may stop early gives the first rows", arguments: [UInt64(9), 10])
  func firstRows(seed: UInt64) throws {
    var random = RandomRecords(seed: seed, dimension: 1, idCount: 1)
    let table = RecordTable()
    var change = RecordTable.Change()
    for version in 1...7_000 as ClosedRange<Int64> {
      let metadata = (random.update() ?? [:]).compactMapValues { $0 }
      change.added.append(
        (
          Record(version: version, position: version, id: "\(version)", document: nil, uri: nil, metadata: metadata),
          nil
        ))
    }
    table.publish(change)
    _ = try table.sealNext()
    _ = try table.sealNext()
    let snapshot = table.snapshot()
    #expect(snapshot.isOrdered && snapshot.unsealedCount == 1)
    for _ in 0..<200 {
      let predicate = random.predicate(depth: 2)
      let (offset, limit) = (random.int(0..<3_000), random.int(0..<2_000))
      let all = snapshot.ordered(snapshot.rows(matching: predicate), offset: offset, limit: limit)
      let enough = snapshot.enough(offset: offset, limit: limit)
      let first = snapshot.ordered(snapshot.rows(matching: predicate, enough: enough), offset: offset, limit: limit)
      #expect(first == all, "seed \(seed): \(predicate), offset \(offset), limit \(limit)")
    }
    #expect(snapshot.enough(offset: .max, limit: 2) == .max && snapshot.enough(offset: 0, limit: nil) == .max)
  }

  @Test("A draft of rows that a snapshot does not have does not change its answers")
  func olderSnapshots() throws {
    let table = RecordTable()
    var snapshots: [RecordTable.Snapshot] = []
    for start in stride(from: 0, to: 2_100, by: 70) {
      var change = RecordTable.Change()
      for row in start..<(start + 70) {
        let metadata: Metadata = ["row": .int(Int64(row))]
        change.added.append(
          (
            Record(
              version: Int64(row + 1), position: Int64(row), id: "\(row)", document: "d \(row)", uri: nil,
              metadata: metadata), nil
          ))
      }
      table.publish(change)
      snapshots.append(table.snapshot())
      _ = try table.draftTail()
    }
    while try table.sealNext() {}
    #expect(try !table.draftTail())
    for snapshot in snapshots {
      let odd = snapshot.rows(matching: .metadata(key: "row", .ordered(.greaterOrEqual, .int(60))))
      #expect(odd.count == snapshot.rowCount - 60)
      let text = snapshot.rows(matching: .document(.contains("d 1")))
      #expect(text.count == (0..<snapshot.rowCount).count { "\($0)".hasPrefix("1") })
    }
  }

  @Test("Blocks are made while others write and read, and no record is lost")
  func sealedConcurrently() async throws {
    let table = RecordTable()
    let rows = 30_000
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for start in stride(from: 0, to: rows, by: 500) {
          var change = RecordTable.Change()
          for row in start..<(start + 500) {
            let record = Record(
              version: Int64(row + 1), position: Int64(row + 1), id: "id \(row)", document: "document \(row)", uri: nil,
              metadata: ["row": .int(Int64(row))])
            change.added.append((record, nil))
          }
          table.publish(change)
          await Task.yield()
        }
      }
      for _ in 0..<2 {
        group.addTask {
          while table.snapshot().rowCount < rows {
            _ = try? table.sealNext()
            let snapshot = table.snapshot()
            for row in stride(from: 0, to: snapshot.rowCount, by: 499) where snapshot.id(row) != "id \(row)" {
              Issue.record("row \(row) is \(snapshot.id(row))")
            }
            let found = snapshot.rows(matching: .metadata(key: "row", .ordered(.greaterOrEqual, .int(700))))
            if found.count != max(0, snapshot.rowCount - 700) { Issue.record("\(found.count) rows") }
            await Task.yield()
          }
        }
      }
    }
    while try table.sealNext() {}
    let snapshot = table.snapshot()
    #expect(snapshot.blocks.count == rows / 2_048 && snapshot.unsealedCount == 0 && snapshot.count == rows)
    #expect((0..<rows).allSatisfy { snapshot.version($0) == Int64($0 + 1) })
  }

  @Test("A snapshot stays as it was while the table goes on")
  func snapshotsStay() throws {
    let (table, records, _) = try makeTable(seed: 6, rows: 2_500)
    let before = table.snapshot()
    var change = RecordTable.Change()
    change.removed = before.ordered(before.live, offset: 0, limit: 100)
    change.added = [
      (Record(version: 1 << 40, position: 1 << 40, id: "new", document: nil, uri: nil, metadata: [:]), nil)
    ]
    table.publish(change)
    #expect(before.count == records.count)
    #expect(before.ordered(before.live, offset: 0, limit: nil).map(before.version) == records.map(\.version))
    #expect(table.snapshot().count == records.count - 99)
  }

  @Test("Damaged blocks give an error or other bytes, never a trap", arguments: [UInt64(7)])
  func damageIsNoTrap(seed: UInt64) throws {
    let (table, _, _) = try makeTable(seed: seed, rows: 2_100)
    let whole = Array(try #require(table.snapshot().blocks.first).bytes)
    var generator = SeededGenerator(seed: seed)
    var refused = 0
    for _ in 0..<3_000 {
      var bytes = whole
      if Int.random(in: 0..<4, using: &generator) == 0 {
        bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
      } else {
        for _ in 0..<Int.random(in: 1..<4, using: &generator) {
          bytes[Int.random(in: 0..<min(bytes.count, 4_096 * 8), using: &generator)] = .random(
            in: 0...255, using: &generator)
        }
      }
      let memory = BlockMemory(bytes)
      do {
        let block = try RecordBlock(bytes: UnsafeRawBufferPointer(memory.bytes), owner: memory)
        for row in stride(from: 0, to: block.rowCount, by: 97) { _ = block.record(row) }
        _ = CompiledFilter(.metadata(key: "a", .equal(.int(1)))).rows(of: block, among: .all(block.rowCount))
      } catch {
        refused += 1
      }
    }
    #expect(refused > 100, "seed \(seed): only \(refused) of 3000 were noticed at opening")
  }
}
