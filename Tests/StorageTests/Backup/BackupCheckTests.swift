import ChromaModel
import ChromaTestSupport
import Foundation
import Testing

@testable import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Checking and restoring a backup")
struct BackupCheckTests {
  @Test("A backup is sound until a byte of it changes, anywhere", arguments: [UInt64(1), 2, 3, 4])
  func flippedByte(seed: UInt64) throws {
    let rig = try SmallBackup()
    #expect(try BackupCheck(path: rig.path).problems() == [])
    var random = SeededGenerator(seed: seed)
    let files = try FileManager.default.subpathsOfDirectory(atPath: rig.path)
      .filter { $0.contains(".") }.sorted()
    #expect(
      files == [
        "catalog.sqlite3", "collections/\(rig.ids[0]).sqlite3", "collections/\(rig.ids[1]).sqlite3", "extra.txt",
        "manifest.json",
      ])
    for file in files {
      let url = URL(fileURLWithPath: "\(rig.path)/\(file)")
      let whole = try Data(contentsOf: url)
      for _ in 0..<12 {
        var bytes = whole
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] ^= UInt8.random(in: 1...255, using: &random)
        try bytes.write(to: url)
        #expect(rig.isDamaged, "seed \(seed): byte \(place) of \(file)")
      }
      try whole.dropLast().write(to: url)
      #expect(rig.isDamaged, "\(file) one byte short")
      try (whole + [0]).write(to: url)
      #expect(rig.isDamaged, "\(file) one byte long")
      try FileManager.default.removeItem(at: url)
      #expect(rig.isDamaged, "\(file) is missing")
      try whole.write(to: url)
    }
    try Data().write(to: URL(fileURLWithPath: rig.path + "/collections/surplus"))
    #expect(try BackupCheck(path: rig.path).problems().first?.contains("not in the manifest") == true)
  }

  @Test("Databases whose numbers are not the manifest's are found out, though every digest is right")
  func wrongNumbers() throws {
    let rig = try SmallBackup()
    var manifest = try BackupManifest(ofBackup: rig.path)
    manifest.collections[0].count += 1
    try rig.write(manifest)
    #expect(try BackupCheck(path: rig.path).problems().contains { $0.contains("3 records") })
    manifest.collections.removeLast()
    try rig.write(manifest)
    #expect(try BackupCheck(path: rig.path).problems().contains { $0.contains("2 collections") })
  }

  @Test("A restored directory opens, with every file in its place")
  func restore() throws {
    let rig = try SmallBackup()
    let target = rig.root.path + "/a/b/restored"
    var written = 0
    try Restoration(of: rig.path, to: target).run { written += $0 }
    #expect(written == (try BackupManifest(ofBackup: rig.path)).byteCount)
    let directory = try DataDirectory(path: target)
    for id in rig.ids { #expect(try RecordStore(directory: directory.collectionPath("\(id)")).lastVersion() == 3) }
    #expect(try String(contentsOfFile: target + "/extra.txt", encoding: .utf8) == "extra")
    #expect(!Files.exists(target + "/RESTORING"))
    directory.release()
  }

  @Test("What holds something is left as it is, and what is held is left to its holder")
  func refusals() throws {
    let rig = try SmallBackup()
    let target = rig.root.path + "/target"
    try FileManager.default.createDirectory(atPath: target + "/lost+found", withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: URL(fileURLWithPath: target + "/note"))
    var error = #expect(throws: StorageError.self) { try Restoration(of: rig.path, to: target).run() }
    #expect("\(try #require(error))".contains("not empty"))
    #expect(Set(Files.names(in: target)) == ["lost+found", "note"])
    try FileManager.default.removeItem(atPath: target + "/note")
    try Restoration(of: rig.path, to: target).run()
    error = #expect(throws: StorageError.self) { try Restoration(of: rig.path, to: target).run() }
    #expect("\(try #require(error))".contains("not empty"))
    let holder = try DataDirectory(path: target)
    error = #expect(throws: StorageError.self) { try Restoration(of: rig.path, to: target).run() }
    #expect("\(try #require(error))".contains("in use by process"))
    holder.release()
  }

  @Test("Half a restore is not opened, and restoring again makes it whole")
  func brokenOff() throws {
    let rig = try SmallBackup()
    let target = rig.root.path + "/target"
    // As SIGKILL leaves it: the marker, some files, half of one.
    try FileManager.default.createDirectory(atPath: target + "/collections/x", withIntermediateDirectories: true)
    for name in ["RESTORING", "LOCK", "catalog.sqlite3", "collections/x/records.sqlite3"] {
      try Data("half".utf8).write(to: URL(fileURLWithPath: "\(target)/\(name)"))
    }
    let error = #expect(throws: StorageError.self) { _ = try DataDirectory(path: target) }
    #expect("\(try #require(error))".contains("chroma backup restore"))
    try Restoration(of: rig.path, to: target).run()
    let directory = try DataDirectory(path: target)
    #expect(Files.names(in: directory.collectionsPath).count == 2)
    directory.release()
  }

  @Test("Nothing is restored into a backup")
  func intoABackup() throws {
    let rig = try SmallBackup()
    let error = #expect(throws: StorageError.self) { try Restoration(of: rig.path, to: rig.path + "/inside").run() }
    #expect("\(try #require(error))".contains("is a backup"))
    #expect(!Files.exists(rig.path + "/inside"))
  }

  @Test("What a restore leaves that ended before its marker stood is no obstacle")
  func beforeTheMarker() throws {
    let rig = try SmallBackup()
    let target = rig.root.path + "/target"
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
    for name in ["RESTORING.tmp", "LOCK"] {
      try Data("half".utf8).write(to: URL(fileURLWithPath: "\(target)/\(name)"))
    }
    try Restoration(of: rig.path, to: target).run()
    #expect(!Files.exists(target + "/RESTORING.tmp"))
    try DataDirectory(path: target).release()
  }

  @Test("A place that cannot be looked into is not taken for empty")
  func unreadable() throws {
    let rig = try SmallBackup()
    let target = rig.root.path + "/target"
    try Data("a file".utf8).write(to: URL(fileURLWithPath: target))
    let error = #expect(throws: StorageError.self) { try Restoration(of: rig.path, to: target).run() }
    #expect("\(try #require(error))".contains("opendir"))
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "a file")
    #expect(Files.names(in: target) == [])
  }

  @Test("A restore whose directory another process takes over ends, and leaves it alone")
  func takenOver() throws {
    let rig = try SmallBackup()
    let target = rig.root.path + "/target"
    var isFirst = true
    let error = #expect(throws: StorageError.self) {
      try Restoration(of: rig.path, to: target).run(progress: { _ in
        guard isFirst else { return }
        isFirst = false
        try? Data(LeaseRecord(holder: "other", renewed: 1).text.utf8)
          .write(to: URL(fileURLWithPath: target + "/LOCK"), options: [])
        try? Data("theirs".utf8).write(to: URL(fileURLWithPath: target + "/theirs"))
      })
    }
    #expect("\(try #require(error))".contains("taken"))
    #expect(Files.exists(target + "/theirs") && Files.exists(target + "/RESTORING"))
    #expect(try String(contentsOfFile: target + "/LOCK", encoding: .utf8).contains("other"))
  }

  @Test("On a shared filesystem a record left behind is waited out, and one that is renewed is not overridden")
  func recordOfAnother() throws {
    let rig = try SmallBackup()
    let target = rig.root.path + "/target"
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
    var record = LeaseRecord(holder: "process 1 on other", renewed: 1)
    for name in ["RESTORING", "catalog.sqlite3"] {
      try Data("half".utf8).write(to: URL(fileURLWithPath: "\(target)/\(name)"))
    }
    try Data(record.text.utf8).write(to: URL(fileURLWithPath: target + "/LOCK"))
    // Seen before, as it was: another one by now, so somebody renews it.
    var renewed = LeaseWatch()
    record.renewed = 0
    _ = renewed.look(at: record, now: 0)
    let error = #expect(throws: StorageError.self) {
      try Restoration(of: rig.path, to: target).run(isShared: true, watch: renewed)
    }
    #expect("\(try #require(error))".contains("in use by process 1 on other"))
    #expect(Files.exists(target + "/RESTORING"))
    // Seen so for a while, which is not long enough yet.
    var now = timespec()
    #if canImport(Glibc)
      clock_gettime(CLOCK_BOOTTIME, &now)
    #else
      clock_gettime(CLOCK_MONOTONIC, &now)
    #endif
    var abandoned = LeaseWatch()
    record.renewed = 1
    let uptime = UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    _ = abandoned.look(at: record, now: uptime + 400_000_000 - min(uptime, LeaseWatch.patience))
    var said: [String] = []
    try Restoration(of: rig.path, to: target).run(isShared: true, watch: abandoned, { said.append($0) })
    #expect(said.count == 1 && said.first?.contains("process 1 on other") == true)
    try DataDirectory(path: target).release()
  }

  @Test("A restore from a damaged backup leaves the place as empty as it was")
  func damaged() throws {
    let rig = try SmallBackup()
    let file = URL(fileURLWithPath: "\(rig.path)/\(BackupManifest.recordsPath(rig.ids[1]))")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: file)
    let target = rig.root.path + "/target"
    #expect(throws: StorageError.self) { try Restoration(of: rig.path, to: target).run() }
    #expect(!Files.exists(target))
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
    #expect(throws: StorageError.self) { try Restoration(of: rig.path, to: target).run() }
    #expect(Files.names(in: target) == [])
  }

  @Test("Numbers that no backup can have are refused when the manifest is read, and nothing that adds them up traps")
  func hostileNumbers() throws {
    let rig = try SmallBackup()
    let good = try BackupManifest(ofBackup: rig.path)
    let changes: [(inout BackupManifest) -> Void] = [
      { for place in 0..<2 { $0.files[place].size = .max } },
      { for place in 0..<2 { $0.collections[place].count = .max } },
      { $0.files[0].size = 1 << 50 },
      { $0.files[0].size = 1 << 50 + 1 },
      { $0.files = [BackupManifest.File](repeating: .init(path: "x", size: 1 << 49, sha256: ""), count: 20_000) },
      { $0.collections[0].maxVersion = .max }, { $0.durationMilliseconds = .max },
    ]
    for (number, change) in changes.enumerated() {
      var manifest = good
      change(&manifest)
      try rig.write(manifest)
      let error = #expect(throws: StorageError.self, "\(number)") { _ = try BackupManifest(ofBackup: rig.path) }
      #expect("\(try #require(error))".contains("2^50"), "\(number)")
      #expect(BackupDirectory(path: rig.root.path + "/backups").backups().isEmpty)
    }
  }

  @Test("A manifest of a later version, or one that names files elsewhere, is refused")
  func hostileManifests() throws {
    let rig = try SmallBackup()
    let good = try BackupManifest(ofBackup: rig.path)
    var manifest = good
    manifest.format += 1
    try rig.write(manifest)
    #expect(throws: StorageError.self) { _ = try BackupCheck(path: rig.path) }
    manifest = good
    manifest.directoryFormat += 1
    try rig.write(manifest)
    let error = #expect(throws: StorageError.self) { _ = try Restoration(of: rig.path, to: rig.root.path + "/t") }
    #expect("\(try #require(error))".contains("Start a newer version"))
    for path in [
      "../x", "/etc/x", "collections/../x", "collections/x", "LOCK", "FORMAT", "RESTORING", "..", "a/b/c", "",
      "LOCK\0x", "a\0", "a\nb", "a\u{7f}", "RESTORING.tmp",
    ] {
      manifest = good
      manifest.files[0].path = path
      try rig.write(manifest)
      let error = #expect(throws: StorageError.self, "\(path)") {
        _ = try Restoration(of: rig.path, to: rig.root.path + "/t")
      }
      #expect("\(try #require(error))".contains("no file of ours"), "\(path)")
    }
    for missing in ["catalog.sqlite3", BackupManifest.recordsPath(rig.ids[0])] {
      manifest = good
      manifest.files.removeAll { $0.path == missing }
      try rig.write(manifest)
      let error = #expect(throws: StorageError.self) { _ = try Restoration(of: rig.path, to: rig.root.path + "/t") }
      #expect("\(try #require(error))".contains("does not list \(missing)"))
    }
  }
}

/// Two collections of three records each, backed up without an engine.
struct SmallBackup {
  let root: TemporaryDirectory
  let path: String
  let ids: [Identifier]

  init() throws {
    root = try TemporaryDirectory()
    ids = [Identifier.random(), .random()].sorted()
    let partial = try PartialBackup(in: root.path + "/backups", copying: 0)
    let catalog = try Catalog(path: root.path + "/catalog.sqlite3")
    var manifest = BackupManifest()
    manifest.name = partial.name.text
    manifest.created = partial.name.created
    manifest.directoryFormat = DataDirectory.format
    manifest.recordFormat = RecordStore.format
    for (number, id) in ids.enumerated() {
      _ = try catalog.createCollection(
        CollectionInfo(
          id: id, name: "c-\(number)", path: DatabasePath(), metadata: nil, dimension: 2, schema: .standard))
      let file = BackupManifest.recordsPath(id)
      do {
        let store = try RecordStore(directory: "\(root.path)/\(id)")
        var commit = RecordStore.Commit()
        commit.dimension = 2
        for version in 1...3 {
          commit.added.append(
            (
              Record(
                version: Int64(version), position: Int64(version), id: "r\(version)", document: nil, uri: nil,
                metadata: [:]), [1, 2]
            ))
        }
        try store.commit(commit)
        let copy = try store.copy(to: partial.path(of: file))
        while try !copy.step(pages: 1) {}
      }
      let found = try CopiedRecords(path: partial.path(of: file))
      manifest.collections.append(
        BackupManifest.Collection(
          id: id, name: "c-\(number)", path: DatabasePath(), dimension: found.dimension, space: "l2",
          count: found.count, maxVersion: found.maxVersion))
      manifest.files.append(try Self.file(file, partial))
    }
    try catalog.beginCopy(to: partial.path(of: "catalog.sqlite3"))
    while try !catalog.stepCopy(pages: 1) {}
    try Data("extra".utf8).write(to: URL(fileURLWithPath: partial.path(of: "extra.txt")))
    for name in ["catalog.sqlite3", "extra.txt"] { manifest.files.append(try Self.file(name, partial)) }
    try partial.sync(manifest.files)
    path = try partial.publish(manifest)
  }

  private static func file(_ name: String, _ partial: PartialBackup) throws -> BackupManifest.File {
    let path = partial.path(of: name)
    return BackupManifest.File(
      path: name, size: try #require(Files.size(of: path)), sha256: try Files.digest(of: path) { _ in })
  }

  func write(_ manifest: BackupManifest) throws {
    try Data(manifest.encoded).write(to: URL(fileURLWithPath: path + "/manifest.json"))
  }

  /// Whether a check finds anything, or cannot even begin.
  var isDamaged: Bool {
    guard let check = try? BackupCheck(path: path) else { return true }
    return !check.problems().isEmpty
  }
}
