import ChromaModel
import ChromaTestSupport
import Foundation
import Testing

@testable import Storage

@Suite("The directory of backups")
struct BackupDirectoryTests {
  @Test("Names say when, sort by it, and are told from others")
  func names() {
    let name = BackupName(seconds: 1_795_278_000, milliseconds: 7, salt: 0x1a2b)
    #expect(name.text == "chroma-20261121T162000Z-00001a2b.chromabak")
    #expect(name.created == "2026-11-21T16:20:00.007Z")
    #expect(BackupName.isName(name.text) && BackupName.isName(BackupName.now().text))
    for other in ["chroma-1.chromabak", name.text + ".partial", "x" + name.text, name.text + "x"] {
      #expect(!BackupName.isName(other))
    }
    #expect(BackupName.isPartialName(name.text + ".partial") && !BackupName.isPartialName("mine.partial"))
  }

  private func make(_ directory: String, count: Int) throws -> [String] {
    var made: [String] = []
    for number in 0..<count {
      let partial = try PartialBackup(in: directory, copying: 0)
      var manifest = BackupManifest()
      manifest.name = partial.name.text
      manifest.created = "2026-11-21T16:20:0\(number).000Z"
      made.append(try partial.publish(manifest))
    }
    return made
  }

  @Test("Keeping so many removes the oldest, never the new one, and nothing that is not a backup")
  func keeping() throws {
    let temporary = try TemporaryDirectory()
    let path = temporary.path + "/backups"
    let made = try make(path, count: 5)
    try FileManager.default.createDirectory(atPath: path + "/chroma-mine", withIntermediateDirectories: false)
    let stranger = path + "/chroma-20200101T000000Z-00000000.chromabak"
    try FileManager.default.createDirectory(atPath: stranger, withIntermediateDirectories: false)
    let directory = BackupDirectory(path: path)
    #expect(directory.backups().map(\.path) == made)
    // The new one is the oldest by its clock: it stays all the same.
    try directory.removeOldest(keeping: 3, sparing: directory.backups()[0].manifest.name)
    #expect(directory.backups().map(\.path) == [made[0], made[3], made[4]])
    try directory.removeOldest(keeping: 10, sparing: directory.backups()[0].manifest.name)
    try directory.removeOldest(keeping: 1, sparing: directory.backups()[2].manifest.name)
    #expect(directory.backups().map(\.path) == [made[4]])
    #expect(Set(Files.names(in: path)).isSuperset(of: ["chroma-mine", "chroma-20200101T000000Z-00000000.chromabak"]))
  }

  @Test("What was broken off is removed by the next, what is being written is not")
  func leftovers() throws {
    let temporary = try TemporaryDirectory()
    let leftover = temporary.path + "/chroma-20200101T000000Z-00000000.chromabak.partial"
    try FileManager.default.createDirectory(atPath: leftover + "/collections", withIntermediateDirectories: true)
    try Data("x".utf8).write(to: URL(fileURLWithPath: leftover + "/collections/x"))
    let first = try PartialBackup(in: temporary.path, copying: 0)
    #expect(!Files.exists(leftover))
    let second = try PartialBackup(in: temporary.path, copying: 0)
    #expect(Files.exists(first.path) && Files.exists(second.path))
    first.discard()
    #expect(!Files.exists(first.path))
    _ = consume first
  }

  @Test("Many files are synced together, and one that is missing is an error")
  func syncing() throws {
    let temporary = try TemporaryDirectory()
    let paths = (0..<100).map { "\(temporary.path)/\($0)" }
    for path in paths { try Data("x".utf8).write(to: URL(fileURLWithPath: path)) }
    try Files.sync(paths + [temporary.path])
    try Files.sync([])
    #expect(throws: StorageError.self) { try Files.sync(paths + [temporary.path + "/missing"]) }
  }

  @Test("Files are the owner's alone")
  func modes() throws {
    let backup = try SmallBackup()
    let manager = FileManager.default
    for name in try manager.subpathsOfDirectory(atPath: backup.path) + [""] {
      let attributes = try manager.attributesOfItem(atPath: "\(backup.path)/\(name)")
      let isDirectory = attributes[.type] as? FileAttributeType == .typeDirectory
      guard name != "extra.txt" else { continue }
      #expect(attributes[.posixPermissions] as? Int == (isDirectory ? 0o700 : 0o600), "\(name)")
    }
  }

  @Test("Too little space is said before anything is written")
  func space() throws {
    let temporary = try TemporaryDirectory()
    let path = temporary.path + "/backups"
    let error = #expect(throws: StorageError.self) { _ = try PartialBackup(in: path, copying: 1 << 60) }
    #expect("\(try #require(error))".contains("MB are free"))
    #expect(Files.names(in: path) == [])
  }

  @Test("A copy has what its source commits while it is made", arguments: [UInt64(1), 2, 3])
  func copying(seed: UInt64) throws {
    let temporary = try TemporaryDirectory()
    var random = SeededGenerator(seed: seed)
    let source = try SQLiteDatabase(path: temporary.path + "/source")
    try source.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, value TEXT)")
    var model: [Int64: String] = [:]
    func change() throws {
      try source.transaction { () throws(StorageError) in
        for _ in 0..<Int.random(in: 1..<40, using: &random) {
          let id = Int64.random(in: 0..<500, using: &random)
          if Int.random(in: 0..<4, using: &random) == 0 {
            try source.statement("DELETE FROM t WHERE id = ?").bind(1, id).run()
            model[id] = nil
          } else {
            let value = String(repeating: "x", count: Int.random(in: 0..<9_000, using: &random))
            try source.statement("INSERT OR REPLACE INTO t VALUES(?, ?)").bind(1, id).bind(2, value).run()
            model[id] = value
          }
        }
      }
    }
    for _ in 0..<20 { try change() }
    let copy = try DatabaseCopy(of: source, to: temporary.path + "/copy")
    while try !copy.step(pages: 7) { try change() }
    let found = try SQLiteDatabase(reading: temporary.path + "/copy")
    #expect(try found.integrityProblems() == [])
    var rows: [Int64: String] = [:]
    let all = try found.statement("SELECT id, value FROM t")
    while try all.step() { rows[all.int(0)] = all.text(1) }
    #expect(rows == model, "seed \(seed)")
  }
}
