import ChromaModel
import Dispatch
import Logging
import Storage
import Synchronization
import VectorIndex

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Collection {
  /// Opens a collection from its directory: the newest whole checkpoint and what the database holds beyond it, or the
  /// database alone when nothing whole was saved. Answers are right from the first query on; links that are missing
  /// are made behind it.
  ///
  /// - Throws: `versionMismatch` for a directory of a later version (nothing in it is changed); storage's errors.
  static func open(_ info: CollectionInfo, directory: String, services: EngineServices) throws(ChromaError)
    -> Collection
  {
    guard Files.exists(directory + "/records.sqlite3") else {
      // No write yet, or one that was broken off before the database was made.
      return Collection(
        info: info, directory: directory, services: services,
        generation: Generation(table: RecordTable(), index: nil), writer: Writer())
    }
    let loading = try translating { () throws(StorageError) in try Loading(info, directory: directory, services) }
    var writer = Writer()
    writer.nextVersion = loading.nextVersion
    writer.manifest = loading.manifest
    writer.catalogIsBehind = loading.catalogIsBehind
    writer.store = loading.store
    return Collection(
      info: loading.info, directory: directory, services: services,
      generation: Generation(table: loading.table, index: loading.index, segments: loading.segments), writer: writer)
  }
}

/// What opening reads, step by step.
private struct Loading {
  let store: RecordStore
  var info: CollectionInfo
  var catalogIsBehind = false
  var table = RecordTable()
  var index: HNSWIndex?
  var manifest: Manifest?
  /// The manifest's files, which later checkpoints name again, and those that were written while loading.
  var segments = SavedSegments()
  var nextVersion: Int64 = 1

  private var clock = OpeningClock()

  init(_ info: CollectionInfo, directory: String, _ services: EngineServices) throws(StorageError) {
    self.info = info
    store = try RecordStore(directory: directory, lease: services.lease)
    try compareWithCatalog(services)
    clock.note("database")
    let segments = SegmentDirectory(path: directory + "/snapshot")
    do {
      if let manifest = try segments.manifest() { try restore(manifest, segments) }
    } catch {
      // Derived state that is damaged or gone costs time, never an answer. A newer format is left alone, and a passing
      // shortage (of descriptors, of memory) is no reason to throw work away.
      guard error.isDamage else { throw error }
      services.logger.warning(
        "saved state is damaged; reading the collection from its database",
        metadata: ["collection": "\(info.id)", "error": "\(error)"])
      table = RecordTable()
      index = nil
      manifest = nil
    }
    if let manifest { self.segments = SavedSegments(manifest, chunkBytes: index?.chunkBytes ?? 0) }
    // Before new ones are written, which the manifest does not name either.
    segments.removeFiles(notIn: manifest)
    let restored = table.snapshot().rowCount
    try replay(after: manifest?.lastVersion ?? 0, segments, services)
    clock.note("replay")
    nextVersion = max(try store.lastVersion(), manifest?.lastVersion ?? 0) + 1
    let rows = table.snapshot().rowCount
    services.logger.debug(
      "opened a collection",
      metadata: clock.metadata.merging([
        "collection": "\(info.id)", "rows": "\(rows)", "replayed": "\(rows - restored)",
      ]) { $1 })
  }

  /// The collection's own copy of dimension and schema is written with its records, so it is the one to believe.
  private mutating func compareWithCatalog(_ services: EngineServices) throws(StorageError) {
    let dimension = try store.dimension()
    var schema: Schema?
    if let text = try store.schema(), let json = try? JSONValue(parsing: text) { schema = try? Schema(json: json) }
    guard dimension != info.dimension || (schema.map { !$0.namesNoMore(than: info.schema) } ?? false) else { return }
    info.dimension = dimension
    if let schema { info.schema = info.schema.discovering(schema) }
    if let outcome = try? services.catalog.updateCollection(info), outcome == .updated { return }
    catalogIsBehind = true
  }

  private mutating func restore(_ manifest: Manifest, _ segments: SegmentDirectory) throws(StorageError) {
    let files = try segments.map(manifest.files)
    clock.note("checksums")
    var blocks: [RecordBlock] = []
    for blockFile in manifest.blockFiles {
      if let mapped = files[blockFile.file.name] { blocks += try blockFile.open(mapped) }
    }
    let blockRows = blocks.reduce(0) { $0 + $1.rowCount }
    guard let liveFile = manifest.live.flatMap({ files[$0.name] }),
      blockRows + manifest.tailVersions.count == manifest.rowCount
    else {
      throw .damaged(path: segments.path, reason: "rows and blocks do not agree")
    }
    var live = try liveFile.withBytes { (bytes) throws(StorageError) in
      try RowBitmap(segmentBytes: bytes, rowCount: blockRows, path: liveFile.path)
    }
    let removed = try store.removedVersions(after: manifest.lastChange)
    if !removed.isEmpty {
      var start = 0
      for block in blocks {
        for row in 0..<block.rowCount where removed.contains(block.version(row)) { live.remove(start + row) }
        start += block.rowCount
      }
    }
    clock.note("blocks")
    try restore(RestoringParts(blocks: blocks, live: live, files: files), manifest, path: segments.path)
    clock.note("ids and graph")
    for version in manifest.tailVersions {
      if let record = try store.record(version: version) {
        var change = RecordTable.Change()
        change.added = [(record, nil)]
        table.publish(change)
      } else {
        table.appendDead(version: version)
      }
    }
    clock.note("tail")
    self.manifest = manifest
  }

  private struct RestoringParts: Sendable {
    let blocks: [RecordBlock]
    let live: RowBitmap
    let files: [String: MappedFile]
  }

  /// Finds the rows of ids on one core while the others take up the vectors and their graph.
  private mutating func restore(
    _ parts: RestoringParts, _ manifest: Manifest, path: String
  ) throws(StorageError) {
    let state = Mutex((table: RecordTable?.none, index: Result<HNSWIndex?, StorageError>.success(nil)))
    DispatchQueue.concurrentPerform(iterations: 2) { [info] number in
      if number == 0 {
        let table = RecordTable(blocks: parts.blocks, live: parts.live)
        state.withLock { $0.table = table }
      } else {
        let index = Result { () throws(StorageError) in
          try Self.restoreIndex(of: info, manifest, parts.files, path: path)
        }
        state.withLock { $0.index = index }
      }
    }
    try state.withLock { (state) throws(StorageError) in
      if let restored = state.table { table = restored }
      index = try state.index.get()
    }
  }

  private static func restoreIndex(
    of info: CollectionInfo, _ manifest: Manifest, _ files: [String: MappedFile], path: String
  ) throws(StorageError) -> HNSWIndex? {
    guard let links = manifest.graph.flatMap({ files[$0.name] }), let dimension = info.dimension,
      manifest.dimension == dimension
    else {
      guard manifest.rowCount == 0 else { throw .damaged(path: path, reason: "no index for its rows") }
      return nil
    }
    var parameters = info.schema.parameters
    if let neighbors = manifest.neighbors {
      parameters = HNSWParameters(m: neighbors, efConstruction: parameters.efConstruction)
    }
    let empty = HNSWIndex(dimension: dimension, metric: info.schema.metric, parameters: parameters)
    var full: [SavedChunk] = []
    var partial: MappedFile?
    for (number, file) in manifest.vectorFiles.enumerated() {
      guard let mapped = files[file.name] else { throw .damaged(path: path, reason: "\(file.name) is not there") }
      if file.byteCount == empty.chunkBytes {
        full.append(SavedChunk(bytes: mapped.bytes, owner: mapped))
      } else if number == manifest.vectorFiles.count - 1 {
        partial = mapped
      }
    }
    // The files must stay mapped until the last use of their bytes, which the compiler does not see.
    defer { withExtendedLifetime((links, partial)) {} }
    do {
      let index = try HNSWIndex(
        restoring: links.bytes, fullChunks: full,
        partial: partial?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0), dimension: dimension,
        metric: info.schema.metric, parameters: parameters)
      guard index.rowCount == manifest.rowCount else {
        throw StorageError.damaged(path: links.path, reason: "\(index.rowCount) rows, \(manifest.rowCount) expected")
      }
      return index
    } catch let error as VectorIndexError {
      if case .outOfMemory = error { throw .system(operation: "restore", path: links.path, code: ENOMEM) }
      throw .damaged(path: links.path, reason: "\(error)")
    } catch {
      throw .damaged(path: links.path, reason: "\(error)")
    }
  }

  /// Full tails that opening leaves unsealed: rows of somewhat more than what lies outside a checkpoint.
  private static let tailsLeft = 16

  /// Puts what the database holds above `version` behind the rows that are there.
  ///
  /// That may be all of a collection larger than memory, so what becomes full is saved as it is while one grows.
  private mutating func replay(
    after version: Int64, _ directory: SegmentDirectory, _ services: EngineServices
  ) throws(StorageError) {
    guard let dimension = info.dimension else { return }
    let index =
      index
      ?? HNSWIndex(
        dimension: dimension, metric: info.schema.metric, parameters: info.schema.parameters)
    self.index = index
    let path = store.path
    let table = table
    let saved = segments
    let collection = info.id
    var canSave = true
    // Not when the oldest rows make no block: they, and those behind them, are searched one by one.
    var canSeal = true
    var change = RecordTable.Change()
    var vectors: [Float] = []
    func flush() throws(StorageError) {
      do {
        _ = try vectors.withUnsafeBufferPointer { try index.append($0) }
      } catch {
        throw .damaged(path: path, reason: "\(error)")
      }
      table.publish(change)
      // The last ones are sealed behind the first answers.
      while canSeal, table.snapshot().unsealedCount > Self.tailsLeft { canSeal = (try? table.sealNext()) ?? false }
      change = RecordTable.Change()
      vectors.removeAll(keepingCapacity: true)
      guard canSave else { return }
      do {
        try Self.saveFull(table, index, saved, directory, services.policy)
      } catch {
        // A full disk, say. All of it can be read and answered from memory, if there is enough of that.
        canSave = false
        services.logger.warning(
          "saving failed while loading", metadata: ["collection": "\(collection)", "error": "\(error)"])
      }
    }
    try store.records(after: version) { (record, embedding) throws(StorageError) in
      guard embedding.count == dimension * 4 else {
        throw .damaged(path: path, reason: "version \(record.version) has an embedding of \(embedding.count) bytes")
      }
      change.added.append((record, nil))
      for element in 0..<dimension {
        vectors.append(embedding.loadUnaligned(fromByteOffset: element * 4, as: Float.self))
      }
      if change.added.count == 1024 { try flush() }
    }
    if !change.added.isEmpty { try flush() }
  }

  /// Writes full chunks of vectors and enough of sealed blocks to files and maps those; nobody else has either yet.
  private static func saveFull(
    _ table: RecordTable, _ index: HNSWIndex, _ saved: SavedSegments, _ directory: SegmentDirectory,
    _ policy: CheckpointPolicy
  ) throws(StorageError) {
    let records = table.snapshot()
    guard records.rowCount >= policy.minimumRows else { return }
    try saved.saveVectors(of: index, rows: records.rowCount, in: directory)
    guard records.heapBlockBytes >= policy.blockBytesInMemory else { return }
    let first = saved.files.blockCount
    table.replaceBlocks(startingAt: first, with: try saved.saveBlocks(of: records, in: directory))
  }
}

/// Where the time of an opening goes, for its log line.
struct OpeningClock {
  private var last = DispatchTime.now().uptimeNanoseconds
  private(set) var metadata: Logger.Metadata = [:]

  /// The time since the last note, in milliseconds, under the name of what took it.
  mutating func note(_ phase: String) {
    let now = DispatchTime.now().uptimeNanoseconds
    metadata[phase] = "\((now - last) / 1_000_000) ms"
    last = now
  }
}

extension Schema {
  /// Whether every key and type of this schema is in `other`.
  fileprivate func namesNoMore(than other: Schema) -> Bool { other.discovering(self) == other }

  /// This schema with the keys and types of `other` it does not have.
  fileprivate func discovering(_ other: Schema) -> Schema {
    var merged = self
    for (key, types) in other.keys { merged.keys[key] = (keys[key] ?? ValueTypes()).filled(from: types) }
    return merged
  }
}

extension Schema.ValueTypes {
  fileprivate func filled(from other: Schema.ValueTypes) -> Schema.ValueTypes {
    var merged = self
    merged.fullText = fullText ?? other.fullText
    merged.string = string ?? other.string
    merged.vector = vector ?? other.vector
    merged.sparse = sparse ?? other.sparse
    merged.int = int ?? other.int
    merged.float = float ?? other.float
    merged.bool = bool ?? other.bool
    return merged
  }
}
