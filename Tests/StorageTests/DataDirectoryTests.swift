import ChromaTestSupport
import Foundation
import Testing

@testable import Storage

@Suite("The data directory")
struct DataDirectoryTests {
  private func listing(_ path: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
  }

  @Test("A second holder is refused with the first one's name")
  func lockNamesItsHolder() throws {
    let temporary = try TemporaryDirectory()
    let first = try DataDirectory(path: temporary.path + "/data")
    let failure = #expect(throws: StorageError.self) { _ = try DataDirectory(path: temporary.path + "/data") }
    #expect("\(try #require(failure))".contains("process \(getpid())"))
    first.release()
    _ = try DataDirectory(path: temporary.path + "/data")
  }

  @Test("A directory of a newer format is refused and left as it was")
  func newerFormatIsLeftAlone() throws {
    let temporary = try TemporaryDirectory()
    try "99\n".write(toFile: temporary.path + "/FORMAT", atomically: false, encoding: .utf8)
    let before = try listing(temporary.path)
    let failure = #expect(throws: StorageError.self) { _ = try DataDirectory(path: temporary.path) }
    #expect("\(try #require(failure))".contains("format 99"))
    #expect(try listing(temporary.path) == before)
  }

  @Test("A directory of the official server is refused with a sentence that says so")
  func foreignDirectoryIsRefused() throws {
    let temporary = try TemporaryDirectory()
    try Data("SQLite format 3\0".utf8).write(to: URL(fileURLWithPath: temporary.path + "/chroma.sqlite3"))
    let before = try listing(temporary.path)
    let failure = #expect(throws: StorageError.self) { _ = try DataDirectory(path: temporary.path) }
    #expect("\(try #require(failure))".contains("official Chroma server"))
    #expect(try listing(temporary.path) == before)
  }

  @Test("A backup is no data directory, and nothing is written into it")
  func backupIsRefused() throws {
    let temporary = try TemporaryDirectory()
    try Data("{}".utf8).write(to: URL(fileURLWithPath: temporary.path + "/manifest.json"))
    let before = try listing(temporary.path)
    let failure = #expect(throws: StorageError.self) { _ = try DataDirectory(path: temporary.path) }
    #expect("\(try #require(failure))".contains("chroma backup restore"))
    #expect(try listing(temporary.path) == before)
  }
}
