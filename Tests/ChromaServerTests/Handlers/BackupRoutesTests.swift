import ChromaAccess
import ChromaModel
import ChromaTestSupport
import HTTPTypes
import Synchronization
import Testing

@testable import ChromaServer

@Suite("Routes of backups")
struct BackupRoutesTests {
  private let path = "/api/v2/admin/backups"

  private func configuration(_ backups: MemoryBackups?) -> ServerConfiguration {
    var configuration = ServerConfiguration(port: 0)
    configuration.backups = backups
    return configuration
  }

  @Test("A backup is made, answered for, and listed")
  func making() async throws {
    let backups = MemoryBackups()
    try await withServer(configuration: configuration(backups)) { (server) async throws in
      #expect(try await server.send(.get, path).json == ["backups": [], "running": .null])
      let made = try await server.send(.post, path, #"{"keep":7}"#)
      #expect(made.status == 201)
      #expect(
        try made.json == [
          "name": "chroma-20261121T162000Z-00000000.chromabak",
          "path": "/backups/chroma-20261121T162000Z-00000000.chromabak", "created": "2026-11-21T16:20:00.000Z",
          "bytes": 8192, "collections": 0, "records": 0, "duration_ms": 0,
        ])
      #expect(try await server.send(.post, path, "{}").status == 201)
      #expect(try await server.send(.post, path, #"{"keep":null}"#).status == 201)
      #expect(backups.kept == [7, nil, nil])
      guard case .array(let listed)? = try await server.send(.get, path).json["backups"] else { return }
      #expect(listed.count == 3)
    }
  }

  @Test("While one is made another is refused, and its progress is told")
  func running() async throws {
    let backups = MemoryBackups()
    backups.setRunning(
      BackupProgress(name: "b", bytesDone: 3, bytesTotal: 10, collectionsDone: 1, collectionsTotal: 4))
    try await withServer(configuration: configuration(backups)) { (server) async throws in
      #expect(
        try await server.send(.post, path, "{}").error() == "[409] ChromaError: A backup is being made already")
      #expect(
        try await server.send(.get, path).json["running"] == [
          "name": "b", "bytes_done": 3, "bytes_total": 10, "collections_done": 1, "collections_total": 4,
        ])
    }
  }

  @Test("Without a directory for them the answer names the setting")
  func off() async throws {
    try await withServer { (server) async throws in
      for answer in [try await server.send(.get, path), try await server.send(.post, path, "{}")] {
        #expect(answer.status == 412)
        #expect(answer.text.contains("--backup-dir") && answer.text.contains("CHROMA_BACKUP_DIR"))
      }
    }
  }

  @Test("What cannot be understood is refused", arguments: [#"{"keep":-1}"#, #"{"keep":"7"}"#, "[]", #"{"keep":1.5}"#])
  func refused(body: String) async throws {
    try await withServer(configuration: configuration(MemoryBackups())) { (server) async throws in
      #expect(try await server.send(.post, path, body).status == 422)
    }
  }

  @Test("What a page of another origin can send without asking first makes no backup")
  func simpleRequests() async throws {
    let backups = MemoryBackups()
    try await withServer(configuration: configuration(backups)) { (server) async throws in
      #expect(try await server.send(.post, path).status == 415)
      for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        #expect(try await server.send(.post, path, "{}", headers: [.contentType: type]).status == 415)
      }
      #expect(try await server.send(.post, path, headers: [.contentType: "application/json"]).status == 400)
      #expect(try await server.send(.post, path, "{}", headers: [.origin: "https://evil.example"]).status == 403)
    }
    #expect(backups.kept.isEmpty)
  }

  @Test("Whoever has a part of the data gets no copy of all of it, and the audit log says who tried")
  func access() async throws {
    let entries = AuditTrail()
    var configuration = configuration(MemoryBackups())
    configuration.access = try RouteAccessTests.access()
    configuration.audit = { entry in entries.add(entry) }
    try await withServer(configuration: configuration) { (server) async throws in
      for (token, expected) in [("write", 403), ("read", 403), ("admin", 201)] {
        let answer = try await server.send(
          .post, path, "{}", headers: [.authorization: "Bearer token-of-\(token)"])
        #expect(answer.status == expected, "\(token)")
      }
    }
    #expect(entries.all.map(\.action) == [.backup, .backup, .backup])
    #expect(entries.all.map(\.outcome) == [.denied, .denied, .done])
    #expect(entries.all.last?.name == "chroma-20261121T162000Z-00000000.chromabak")
  }
}

private final class AuditTrail: Sendable {
  private let entries = Mutex<[AuditEntry]>([])

  func add(_ entry: AuditEntry) { entries.withLock { $0.append(entry) } }

  var all: [AuditEntry] { entries.withLock { $0 } }
}
