import ChromaModel
import Foundation
import Synchronization

/// Answers for an engine that is not there yet: it is alive, and everything else is `unavailable`. Once it has one, it
/// passes everything on.
final class StandbyAPI: ChromaAPI {
  private let engine = Mutex<(any ChromaAPI)?>(nil)
  private let backupMaker = Mutex<(any BackupAPI)?>(nil)
  private let memoryMeter = Mutex<(any MemoryAPI)?>(nil)

  /// - Parameters:
  ///   - backups: `nil` where none are made.
  ///   - memory: `nil` where nobody knows.
  func adopt(_ api: any ChromaAPI, backups: (any BackupAPI)? = nil, memory: (any MemoryAPI)? = nil) {
    backupMaker.withLock { $0 = backups }
    memoryMeter.withLock { $0 = memory }
    engine.withLock { $0 = api }
  }

  private func ready() throws(ChromaError) -> any ChromaAPI {
    guard let engine = engine.withLock({ $0 }) else { throw Self.waiting }
    return engine
  }

  private static var waiting: ChromaError {
    ChromaError(
      .unavailable, "This server waits for another process to let go of its data directory; try again shortly")
  }

  // MARK: System

  func heartbeat() async throws(ChromaError) -> Int64 {
    guard let engine = engine.withLock({ $0 }) else {
      return Int64(Date.now.timeIntervalSince1970 * 1e9)
    }
    return try await engine.heartbeat()
  }

  func isReady() async -> Bool { await engine.withLock { $0 }?.isReady() ?? false }

  func maxBatchSize() async throws(ChromaError) -> Int { try await ready().maxBatchSize() }

  func reset() async throws(ChromaError) { try await ready().reset() }

  // MARK: Tenants and databases

  func createTenant(_ name: String) async throws(ChromaError) { try await ready().createTenant(name) }

  func tenant(_ name: String) async throws(ChromaError) -> Tenant { try await ready().tenant(name) }

  func updateTenant(_ name: String, resourceName: String) async throws(ChromaError) {
    try await ready().updateTenant(name, resourceName: resourceName)
  }

  func createDatabase(_ path: DatabasePath) async throws(ChromaError) { try await ready().createDatabase(path) }

  func database(_ path: DatabasePath) async throws(ChromaError) -> Database { try await ready().database(path) }

  func databases(tenant: String, limit: Int?, offset: Int) async throws(ChromaError) -> [Database] {
    try await ready().databases(tenant: tenant, limit: limit, offset: offset)
  }

  func deleteDatabase(_ path: DatabasePath) async throws(ChromaError) { try await ready().deleteDatabase(path) }

  // MARK: Collections

  func createCollection(
    _ request: CreateCollectionRequest, in path: DatabasePath
  ) async throws(ChromaError) -> CollectionInfo {
    try await ready().createCollection(request, in: path)
  }

  func collection(named name: String, in path: DatabasePath) async throws(ChromaError) -> CollectionInfo {
    try await ready().collection(named: name, in: path)
  }

  func collection(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> CollectionInfo {
    try await ready().collection(id, in: path)
  }

  func collection(_ id: Identifier) async throws(ChromaError) -> CollectionInfo { try await ready().collection(id) }

  func collections(in path: DatabasePath, limit: Int?, offset: Int) async throws(ChromaError) -> [CollectionInfo] {
    try await ready().collections(in: path, limit: limit, offset: offset)
  }

  func countCollections(in path: DatabasePath) async throws(ChromaError) -> Int {
    try await ready().countCollections(in: path)
  }

  func updateCollection(
    _ id: Identifier, in path: DatabasePath, _ request: UpdateCollectionRequest
  ) async throws(ChromaError) {
    try await ready().updateCollection(id, in: path, request)
  }

  func deleteCollection(named name: String, in path: DatabasePath) async throws(ChromaError) {
    try await ready().deleteCollection(named: name, in: path)
  }

  // MARK: Records

  func add(_ batch: RecordBatch, to id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try await ready().add(batch, to: id, in: path)
  }

  func update(_ batch: RecordBatch, in id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try await ready().update(batch, in: id, in: path)
  }

  func upsert(_ batch: RecordBatch, to id: Identifier, in path: DatabasePath) async throws(ChromaError) {
    try await ready().upsert(batch, to: id, in: path)
  }

  func delete(_ request: DeleteRequest, from id: Identifier, in path: DatabasePath) async throws(ChromaError) -> Int {
    try await ready().delete(request, from: id, in: path)
  }

  func count(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> Int {
    try await ready().count(id, in: path)
  }

  func indexingStatus(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> IndexingStatus {
    try await ready().indexingStatus(id, in: path)
  }

  func get(_ request: GetRequest, from id: Identifier, in path: DatabasePath) async throws(ChromaError) -> GetResult {
    try await ready().get(request, from: id, in: path)
  }

  func query(
    _ request: QueryRequest, in id: Identifier, in path: DatabasePath
  ) async throws(ChromaError) -> QueryResult {
    try await ready().query(request, in: id, in: path)
  }
}

extension StandbyAPI: BackupAPI {
  private func maker() throws(ChromaError) -> any BackupAPI {
    guard let maker = backupMaker.withLock({ $0 }) else { throw Self.waiting }
    return maker
  }

  func createBackup(keeping count: Int?) async throws(ChromaError) -> BackupSummary {
    try await maker().createBackup(keeping: count)
  }

  func backups() async throws(ChromaError) -> [BackupSummary] { try await maker().backups() }

  func backupProgress() async -> BackupProgress? { await backupMaker.withLock { $0 }?.backupProgress() }
}

extension StandbyAPI: MemoryAPI {
  func memory() async throws(ChromaError) -> MemoryReport {
    guard let meter = memoryMeter.withLock({ $0 }) else { throw Self.waiting }
    return try await meter.memory()
  }

  var isShortOfMemory: Bool { memoryMeter.withLock { $0 }?.isShortOfMemory ?? false }
}
