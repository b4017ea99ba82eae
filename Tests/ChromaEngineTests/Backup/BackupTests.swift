import ChromaModel
import ChromaTestSupport
import Foundation
import Synchronization
import Testing

@testable import ChromaEngine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Backups")
struct BackupTests {
  private let path = DatabasePath()

  @Test("What is restored answers as what was backed up")
  func roundTrip() async throws {
    let rig = try await BackupRig()
    try await rig.engine.createTenant("acme")
    try await rig.engine.createDatabase(DatabasePath(tenant: "acme", database: "main"))
    var random = RandomRecords(seed: 7, dimension: 8, idCount: 4_000)
    let id = try await rig.collection("things")
    _ = try await rig.collection("never-written")
    for _ in 0..<60 { try await rig.engine.upsert(random.batch(count: 100), to: id, in: path) }
    let requests = (0..<20).map { _ in
      QueryRequest(
        embeddings: EmbeddingBatch([random.vector()]), nResults: 10, filter: random.filter(),
        include: [.distances, .documents, .metadatas, .embeddings, .uris])
    }
    let summary = try await rig.backups.createBackup(keeping: nil)
    let restored = try await rig.restored(summary)
    #expect(summary.collections == 2)
    #expect(try await restored.count(id, in: path) == summary.records)
    for request in requests {
      #expect(
        try await restored.query(request, in: id, in: path) == (try await rig.engine.query(request, in: id, in: path)))
    }
    let all = GetRequest(include: [.documents, .embeddings, .metadatas, .uris])
    #expect(try await restored.get(all, from: id, in: path) == (try await rig.engine.get(all, from: id, in: path)))
    #expect(try await restored.collections(in: path, limit: nil, offset: 0).count == 2)
    #expect(try await restored.databases(tenant: "acme", limit: nil, offset: 0).map(\.name) == ["main"])
    // What is restored is written on like any other.
    try await restored.add(random.batch(count: 10), to: id, in: path)
    await restored.close()
    await rig.engine.close()
  }

  /// What goes on beside a backup.
  private final class Load: Sendable {
    struct Told {
      var acknowledged = 0
      var sent = 0
    }

    let told: Mutex<[Told]>
    let isOver = Atomic<Bool>(false)

    init(writers: Int) { told = Mutex([Told](repeating: Told(), count: writers)) }
  }

  @Test(
    "Under writers at full speed a backup has every batch acknowledged before it began, and no half of one",
    arguments: [UInt64(1), 2, 3])
  func underLoad(seed: UInt64) async throws {
    let rig = try await BackupRig()
    let size = 25
    var ids: [Identifier] = []
    for name in 0..<3 { ids.append(try await rig.collection("c-\(name)")) }
    // Enough that a copy takes many steps.
    for id in ids {
      for start in stride(from: 0, to: 20_000, by: 5_000) {
        let batch = BackupRig.batch((1_000_000 + start)..<(1_005_000 + start), padding: 600)
        try await rig.engine.add(batch, to: id, in: path)
      }
    }
    let load = Load(writers: ids.count)
    let (before, summary) = try await withThrowingTaskGroup(of: Void.self) { group in
      for (writer, id) in ids.enumerated() {
        group.addTask {
          var random = SeededGenerator(seed: seed * 16 + UInt64(writer))
          var number = 0
          while !load.isOver.load(ordering: .relaxed) {
            load.told.withLock { $0[writer].sent = number + 1 }
            let batch = BackupRig.batch((number * size)..<((number + 1) * size), tag: number)
            try await rig.engine.add(batch, to: id, in: path)
            // Some batch is written anew now and then: it must be wholly old or wholly new.
            if number > 2, Int.random(in: 0..<4, using: &random) == 0 {
              let again = Int.random(in: 0..<number, using: &random)
              try await rig.engine.upsert(
                BackupRig.batch((again * size)..<((again + 1) * size), tag: 1_000_000 + number), to: id, in: path)
            }
            number += 1
            load.told.withLock { $0[writer].acknowledged = number }
          }
        }
      }
      while load.told.withLock({ $0.contains { $0.acknowledged < 3 } }) { await Task.yield() }
      let before = load.told.withLock { $0 }
      let summary = try await rig.backups.createBackup(keeping: nil)
      load.isOver.store(true, ordering: .relaxed)
      try await group.waitForAll()
      return (before, summary)
    }
    let after = load.told.withLock { $0 }
    let restored = try await rig.restored(summary)
    for (writer, id) in ids.enumerated() {
      let records = try await restored.get(GetRequest(include: [.metadatas]), from: id, in: path).records
      var batches: [Int: Set<Int64>] = [:]
      var counts: [Int: Int] = [:]
      for (place, text) in records.ids.enumerated() {
        guard let number = Int(text.dropFirst()), number < 1_000_000,
          case .int(let tag)? = records.metadatas?[place]?["batch"]
        else { continue }
        batches[number / size, default: []].insert(tag)
        counts[number / size, default: 0] += 1
      }
      for batch in 0..<before[writer].acknowledged {
        #expect(counts[batch] == size, "seed \(seed): batch \(batch) was acknowledged before")
      }
      #expect(counts.values.allSatisfy { $0 == size }, "seed \(seed): half a batch")
      #expect(batches.values.allSatisfy { $0.count == 1 }, "seed \(seed): a batch of two versions")
      #expect(counts.keys.allSatisfy { $0 < after[writer].sent })
    }
    await restored.close()
    await rig.engine.close()
  }

  @Test("Collections that come, go and change their names meanwhile are in it or not, and nothing is left over")
  func comingAndGoing() async throws {
    let rig = try await BackupRig(openCollections: 8)
    for number in 0..<60 {
      let id = try await rig.collection("old-\(number)")
      try await rig.engine.add(BackupRig.batch(0..<50, tag: number), to: id, in: path)
    }
    let load = Load(writers: 1)
    let summary = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        var random = SeededGenerator(seed: 11)
        var number = 0
        while !load.isOver.load(ordering: .relaxed) {
          let id = try await rig.collection("new-\(number)")
          try await rig.engine.add(BackupRig.batch(0..<20, tag: number), to: id, in: path)
          let names = try await rig.engine.collections(in: path, limit: nil, offset: 0)
          if let victim = names.randomElement(using: &random), names.count > 20 {
            if Bool.random(using: &random) {
              try await rig.engine.deleteCollection(named: victim.name, in: path)
            } else {
              var request = UpdateCollectionRequest()
              request.newName = "renamed-\(number)"
              try await rig.engine.updateCollection(victim.id, in: path, request)
            }
          }
          number += 1
        }
      }
      var last: BackupSummary?
      for _ in 0..<4 { last = try await rig.backups.createBackup(keeping: 2) }
      load.isOver.store(true, ordering: .relaxed)
      try await group.waitForAll()
      return try #require(last)
    }
    let restored = try await rig.restored(summary)
    let collections = try await restored.collections(in: path, limit: nil, offset: 0)
    #expect(collections.count == summary.collections)
    var records = 0
    for info in collections {
      let found = try await restored.get(GetRequest(include: [.metadatas]), from: info.id, in: path).records
      #expect([0, 20, 50].contains(found.ids.count))
      records += found.ids.count
    }
    #expect(records == summary.records)
    #expect(try await rig.backups.backups().count == 2)
    await restored.close()
    await rig.engine.close()
  }

  @Test("Three hundred collections are copied with a cache of eight, and none is opened for it")
  func manyCollections() async throws {
    let rig = try await BackupRig(openCollections: 8)
    for number in 0..<300 {
      let id = try await rig.collection("c-\(number)")
      if number % 10 != 0 { try await rig.engine.add(BackupRig.batch(0..<3, tag: number), to: id, in: path) }
    }
    let before = rig.engine.cache.withLock { Set($0.openCollections.map(\.id)) }
    #expect(before.count == 8)
    let summary = try await rig.backups.createBackup(keeping: nil)
    #expect(rig.engine.cache.withLock { Set($0.openCollections.map(\.id)) } == before)
    #expect((summary.collections, summary.records) == (300, 270 * 3))
    let restored = try await rig.restored(summary)
    for info in try await restored.collections(in: path, limit: nil, offset: 0) {
      let number = try #require(Int(info.name.dropFirst(2)))
      #expect(try await restored.count(info.id, in: path) == (number % 10 == 0 ? 0 : 3))
    }
    await restored.close()
    await rig.engine.close()
  }

  @Test("A second backup at the same time is refused, and progress can be seen")
  func oneAtATime() async throws {
    let rig = try await BackupRig()
    let id = try await rig.collection("big")
    for start in stride(from: 0, to: 60_000, by: 5_000) {
      try await rig.engine.add(BackupRig.batch(start..<(start + 5_000)), to: id, in: path)
    }
    async let first = rig.backups.createBackup(keeping: nil)
    while await rig.backups.backupProgress()?.name.isEmpty ?? true { await Task.yield() }
    let error = await #expect(throws: ChromaError.self) { _ = try await rig.backups.createBackup(keeping: nil) }
    #expect(error?.code == .alreadyExists)
    #expect(error?.message.contains("is being made already") == true)
    #expect(try await first.records == 60_000)
    #expect(await rig.backups.backupProgress() == nil)
    await #expect(throws: ChromaError.self) { _ = try await rig.backups.createBackup(keeping: 0) }
    await rig.engine.close()
  }

  @Test("Closing the engine ends a backup, which leaves nothing that looks like one", arguments: [0, 1, 5, 20, 60])
  func closing(milliseconds: Int) async throws {
    let rig = try await BackupRig()
    let id = try await rig.collection("big")
    for start in stride(from: 0, to: 40_000, by: 5_000) {
      try await rig.engine.add(BackupRig.batch(start..<(start + 5_000)), to: id, in: path)
    }
    let task = Task { try await rig.backups.createBackup(keeping: nil) }
    try await Task.sleep(for: .milliseconds(milliseconds))
    await rig.engine.close()
    let result = await task.result
    let left = BackupArchive(path: rig.store).backups()
    switch result {
    case .success(let summary): #expect(left == [summary])
    case .failure(let error):
      #expect((error as? ChromaError)?.code == .unavailable, "\(error)")
      #expect(left == [])
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: rig.store)) ?? []
    #expect(names.allSatisfy { !$0.hasSuffix(".partial") })
    // The database was let go of, and is whole.
    let again = try await Engine.open(at: rig.data)
    #expect(try await again.count(id, in: path) == 40_000)
    await again.close()
  }

  @Test("A server that shuts down ends its backup, and whoever asked for it is told")
  func givingUp() async throws {
    let rig = try await BackupRig()
    rig.engine.giveUpBackup()
    let id = try await rig.collection("big")
    for start in stride(from: 0, to: 40_000, by: 5_000) {
      try await rig.engine.add(BackupRig.batch(start..<(start + 5_000), padding: 600), to: id, in: path)
    }
    let task = Task { try await rig.backups.createBackup(keeping: nil) }
    while await rig.backups.backupProgress()?.name.isEmpty ?? true { await Task.yield() }
    rig.engine.giveUpBackup()
    let result = await task.result
    let error = #expect(throws: ChromaError.self) { _ = try result.get() }
    #expect(error?.code == .unavailable)
    #expect(try await rig.engine.count(id, in: path) == 40_000)
    #expect(try FileManager.default.contentsOfDirectory(atPath: rig.store) == [])
    await rig.engine.close()
  }

  @Test("A cancelled task ends its backup")
  func cancelling() async throws {
    let rig = try await BackupRig()
    let id = try await rig.collection("big")
    for start in stride(from: 0, to: 40_000, by: 5_000) {
      try await rig.engine.add(BackupRig.batch(start..<(start + 5_000), padding: 600), to: id, in: path)
    }
    let task = Task { try await rig.backups.createBackup(keeping: nil) }
    while await rig.backups.backupProgress()?.name.isEmpty ?? true { await Task.yield() }
    task.cancel()
    let result = await task.result
    let error = #expect(throws: ChromaError.self) { _ = try result.get() }
    #expect(error?.code == .unavailable)
    #expect(try await rig.backups.createBackup(keeping: nil).records == 40_000)
    await rig.engine.close()
  }

  @Test("A copy that cannot be flushed ends, and no later commit is written into it")
  func failingFlush() async throws {
    let rig = try await BackupRig()
    let id = try await rig.collection("big")
    for start in stride(from: 0, to: 20_000, by: 5_000) {
      try await rig.engine.add(BackupRig.batch(start..<(start + 5_000), padding: 800), to: id, in: path)
    }
    let collection = try await rig.engine.acquire(id)
    defer { rig.engine.cache.withLock { $0.release(id, collection) } }
    // The one thread that flushes removes the file first.
    let copy = rig.root.path + "/copy"
    let background = WorkerPool(threads: 1)
    defer { background.stop() }
    background.submit {
      while !FileManager.default.fileExists(atPath: copy) { usleep(1_000) }
      try? FileManager.default.removeItem(atPath: copy)
    }
    let error = await #expect(throws: ChromaError.self) {
      _ = try await collection.copyDatabase(to: copy, BackupMeter(), on: background)
    }
    #expect(error?.cause?.contains("copy") == true)
    #expect(collection.writer.withLock { $0.copy == nil })
    try await rig.engine.add(BackupRig.batch(50_000..<50_010), to: id, in: path)
    #expect(try await rig.backups.createBackup(keeping: nil).records == 20_010)
    await rig.engine.close()
  }

  @Test("A damaged collection is named")
  func damagedCollection() async throws {
    let root = try TemporaryDirectory()
    let engine = try await Engine.open(at: root.path + "/data")
    let id = try await engine.createCollection(CreateCollectionRequest(name: "worn"), in: path).id
    try await engine.add(BackupRig.batch(0..<500), to: id, in: path)
    await engine.close()
    let file = "\(root.path)/data/collections/\(id)/records.sqlite3"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    for place in 8192..<bytes.count { bytes[place] = 0xff }
    try bytes.write(to: URL(fileURLWithPath: file))
    let again = try await Engine.open(at: root.path + "/data")
    let backups = EngineBackups(of: again, in: root.path + "/backups", version: "test")
    let error = await #expect(throws: ChromaError.self) { _ = try await backups.createBackup(keeping: nil) }
    #expect(error?.message.contains("[worn]") == true)
    #expect(error?.cause?.contains("collections/\(id)") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: root.path + "/backups") == [])
    await again.close()
  }

  @Test("A closed collection whose last process was killed is copied with its log")
  func afterKill() async throws {
    let rig = try await BackupRig()
    let id = try await rig.collection("killed")
    try await rig.engine.add(BackupRig.batch(0..<500), to: id, in: path)
    // The files as SIGKILL would leave them: the log not yet in the database.
    let copy = rig.root.path + "/copy"
    try FileManager.default.copyItem(atPath: rig.data, toPath: copy)
    await rig.engine.close()
    let log = "\(copy)/collections/\(id)/records.sqlite3-wal"
    let size = try #require(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)
    #expect(size > 0)
    let engine = try await Engine.open(at: copy)
    let backups = EngineBackups(of: engine, in: rig.store, version: "test")
    let summary = try await backups.createBackup(keeping: nil)
    #expect(summary.records == 500)
    #expect(try BackupArchive.check(summary.path).problems == [])
    #expect(try await engine.count(id, in: path) == 500)
    await engine.close()
  }
}
