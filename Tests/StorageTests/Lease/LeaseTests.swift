import ChromaTestSupport
import Foundation
import Synchronization
import Testing

@testable import Storage

@Suite("The lease of a data directory")
struct LeaseTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/LOCK" }

  init() throws { directory = try TemporaryDirectory() }

  private func take(isShared: Bool = false, whenLost: @escaping @Sendable () -> Void = {}) throws(StorageError) -> Lease
  {
    var watch = LeaseWatch()
    return try Lease(path: path, isShared: isShared, watch: &watch, whenLost: whenLost)
  }

  /// What another machine's kernel would let another process do.
  private func overwrite(_ record: LeaseRecord) throws {
    try record.text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  @Test("It is held until it is given back")
  func heldUntilReleased() throws {
    let lease = try take()
    let refusal = #expect(throws: StorageError.self) { _ = try take() }
    guard case .locked(_, let holder, true)? = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }
    #expect(holder.hasPrefix("process \(getpid()) on "))
    #expect(lease.allowsCommit())
    lease.release()
    #expect(try take(isShared: true).allowsCommit())
  }

  @Test("A record left on a local filesystem is no obstacle: the lock went with its holder")
  func leftLocally() throws {
    try overwrite(LeaseRecord(holder: "process 1 on elsewhere", renewed: 5))
    #expect(try take().allowsCommit())
  }

  @Test("A record left on a shared filesystem is watched, and taken over only when nobody renews it")
  func leftOnSharedFilesystem() throws {
    let left = LeaseRecord(holder: "process 1 on elsewhere", renewed: 5)
    try overwrite(left)
    var watch = LeaseWatch()
    for _ in 0..<2 {
      let refusal = #expect(throws: StorageError.self) { _ = try Lease(path: path, isShared: true, watch: &watch) }
      guard case .locked(_, "process 1 on elsewhere", false)? = refusal else {
        Issue.record("\(String(describing: refusal))")
        return
      }
    }
    var renewed = left
    renewed.renewed = 6
    try overwrite(renewed)
    let refusal = #expect(throws: StorageError.self) { _ = try Lease(path: path, isShared: true, watch: &watch) }
    guard case .locked(_, _, true)? = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }
    // As if it had been seen long ago.
    var patient = LeaseWatch()
    _ = patient.look(at: renewed, now: 0)
    #expect(throws: StorageError.self) { _ = try Lease(path: path, isShared: true, watch: &patient) }
    let claim = try #require(patient.claim)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == claim.text)
    patient.note(claim: claim, now: 0)
    #expect(try Lease(path: path, isShared: true, watch: &patient).allowsCommit())
  }

  @Test("Renewing changes the time and nothing else")
  func renewing() throws {
    let lease = try take(isShared: true)
    let before = try #require(LeaseRecord(String(contentsOfFile: path, encoding: .utf8)))
    var after = before
    for _ in 0..<10_000 where after.renewed == before.renewed {
      #expect(lease.renew())
      after = try #require(LeaseRecord(String(contentsOfFile: path, encoding: .utf8)))
    }
    #expect(after.renewed > before.renewed)
    #expect(after.identifier == before.identifier)
  }

  @Test("A file that is gone is a lease that is lost: the next one would find nothing in its way")
  func removed() throws {
    let lease = try take()
    try FileManager.default.removeItem(atPath: path)
    #expect(!lease.renew())
    #expect(lease.isLost)
    #expect(!lease.allowsCommit())
  }

  @Test("A holder that was overridden learns it at the next commit, once", arguments: [true, false])
  func lostByOverwriting(atCommit: Bool) throws {
    let count = CallCount()
    let lease = try take { count.calls.add(1, ordering: .relaxed) }
    try overwrite(LeaseRecord(holder: "process 2 on elsewhere", renewed: 7))
    #expect(!(atCommit ? lease.allowsCommit() : lease.renew()))
    #expect(!lease.allowsCommit())
    #expect(!lease.renew())
    #expect(lease.isLost)
    #expect(count.calls.load(ordering: .relaxed) == 1)
    // The other one's record stays as it is.
    lease.release()
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("process 2 on elsewhere"))
  }

  @Test("A file that was replaced under its name is another holder's")
  func lostByReplacing() throws {
    let lease = try take()
    try FileManager.default.removeItem(atPath: path)
    try overwrite(LeaseRecord(holder: "process 2 on elsewhere", renewed: 7))
    #expect(!lease.renew())
    #expect(!lease.allowsCommit())
  }

  @Test("A database whose lease is lost rolls its commit back and is not closed into the file")
  func databaseRefusesCommits() throws {
    let lease = try take()
    let database = try SQLiteDatabase(path: directory.path + "/test.sqlite3", lease: lease)
    try database.execute("CREATE TABLE numbers(n INTEGER)")
    try database.transaction { () throws(StorageError) in try database.execute("INSERT INTO numbers VALUES(1)") }
    try overwrite(LeaseRecord(holder: "process 2 on elsewhere", renewed: 7))
    let failure = #expect(throws: StorageError.self) {
      try database.transaction { () throws(StorageError) in try database.execute("INSERT INTO numbers VALUES(2)") }
    }
    guard case .leaseLost? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(throws: StorageError.self) { try database.execute("INSERT INTO numbers VALUES(3)") }
    let statement = try database.statement("SELECT count(*) FROM numbers")
    #expect(try statement.step())
    #expect(statement.int(0) == 1)
  }
}

private final class CallCount: Sendable {
  let calls = Atomic<Int>(0)
}
