import ChromaModel
import Dispatch
import Storage
import Synchronization

/// The making of one backup, step by step: collection after collection, then the catalogue, then what came and went
/// meanwhile.
struct BackupWork {
  let engine: Engine
  let meter: BackupMeter
  let background: WorkerPool
  private var partial: PartialBackup?
  private var files: [BackupManifest.File] = []
  private var records: [Identifier: CopiedRecords] = [:]

  init(engine: Engine, meter: BackupMeter, background: WorkerPool) {
    self.engine = engine
    self.meter = meter
    self.background = background
  }

  mutating func run(
    in directory: String, version: String, including names: [String]
  ) async throws(ChromaError) -> BackupManifest {
    let started = DispatchTime.now().uptimeNanoseconds
    let ids = try await begin(in: directory)
    for id in ids {
      try await copy(id)
      meter.finishCollection()
    }
    let collections = try await copyCatalog()
    for name in names { try await copyAlong(name) }
    var manifest = BackupManifest()
    manifest.serverVersion = version
    manifest.directoryFormat = DataDirectory.format
    manifest.recordFormat = RecordStore.format
    manifest.collections = collections
    manifest.files = files.sorted { $0.path < $1.path }
    guard let partial else { return manifest }
    let (written, check) = (files, check)
    do {
      try await checked { () throws(StorageError) in try partial.sync(written, unless: check) }
    } catch {
      try checkWanted()
      throw error
    }
    manifest.name = partial.name.text
    manifest.created = partial.name.created
    manifest.durationMilliseconds = Int((DispatchTime.now().uptimeNanoseconds - started) / 1_000_000)
    let finished = manifest
    try await checked { () throws(StorageError) in _ = try partial.publish(finished) }
    return manifest
  }

  /// Removes what was written.
  func discard() async {
    guard let partial else { return }
    _ = try? await background.run { partial.discard() }
  }

  // MARK: Steps

  /// Makes the directory, after a look at the space there is.
  ///
  /// - Returns: the collections there are.
  private mutating func begin(in directory: String) async throws(ChromaError) -> [Identifier] {
    let (engine, meter) = (engine, meter)
    try checkWanted()
    let ids = try await engine.blocking { () throws(StorageError) in try engine.catalog.collectionIDs().sorted() }
    let made = try await checked { () throws(StorageError) -> PartialBackup in
      var bytes = Files.size(of: engine.directory.catalogPath) ?? 0
      for id in ids { bytes += RecordStore.byteCount(in: engine.directory.collectionPath(id.description)) }
      meter.begin(bytes: bytes, collections: ids.count)
      return try PartialBackup(in: directory, copying: bytes)
    }
    meter.call(made.name.text)
    partial = made
    return ids
  }

  /// Runs `body` on the thread in the background, unless the backup is not wanted any more.
  private func checked<T: Sendable>(
    _ body: @escaping @Sendable () throws(StorageError) -> T
  ) async throws(ChromaError) -> T {
    try checkWanted()
    do {
      return try await background.run { () throws(ChromaError) in try translating(body) }
    } catch {
      throw Self.explained(error)
    }
  }

  private func checkWanted() throws(ChromaError) {
    if engine.isStopping {
      throw ChromaError(.unavailable, "The server is shutting down: the backup was given up, and is not there")
    }
    if meter.mustStop { throw ChromaError(.unavailable, "The backup was given up, and is not there") }
  }

  /// For work that takes long: throws when the backup is not wanted any more.
  private var check: @Sendable () throws(StorageError) -> Void {
    let (engine, meter) = (engine, meter)
    return { () throws(StorageError) in
      if engine.isStopping || meter.mustStop { throw .closed(path: engine.directory.path) }
    }
  }

  /// A disk that fills up here keeps nobody from writing.
  private static func explained(_ error: ChromaError) -> ChromaError {
    guard error.code == .insufficientStorage, error.cause != nil else { return error }
    return ChromaError(
      .insufficientStorage,
      "The disk of the backup directory is full: the backup was given up, and the space it took is free again",
      cause: error.cause)
  }

  // MARK: Collections

  /// Copies a collection's database; one that is gone, or was never written to, leaves no file.
  private mutating func copy(_ id: Identifier) async throws(ChromaError) {
    guard let partial else { return }
    let file = BackupManifest.recordsPath(id)
    let path = partial.path(of: file)
    do throws(ChromaError) {
      try checkWanted()
      guard try await engine.copyRecords(of: id, to: path, meter, on: background) else { return }
      let (meter, check) = (meter, check)
      let (described, found) = try await checked {
        () throws(StorageError) -> (BackupManifest.File, CopiedRecords) in
        let found = try CopiedRecords(path: path)
        return (try partial.describe(file, meter, check), found)
      }
      files.append(described)
      records[id] = found
    } catch {
      try checkWanted()
      // A copy of a collection that is being removed may be of anything.
      if let info = try await info(of: id) { throw Self.explained(error).naming(info, engine.directory) }
      try await checked { () throws(StorageError) in try Files.remove(path) }
    }
  }

  /// `nil` when it is gone.
  private func info(of id: Identifier) async throws(ChromaError) -> CollectionInfo? {
    let engine = engine
    return try await engine.blocking { () throws(StorageError) in try engine.catalog.collection(id) }
  }

  // MARK: The catalogue

  /// Copies the catalogue as collections are: a step at a time on the threads that serve, since whoever asks it anything
  /// waits for a step, and the disk waited for in the background.
  private func copyCatalogPages(to path: String) async throws(ChromaError) {
    let catalog = engine.catalog
    do throws(ChromaError) {
      try await engine.blocking { () throws(StorageError) in try catalog.beginCopy(to: path) }
      var steps = 0
      while try await !engine.blocking({ () throws(StorageError) in try catalog.stepCopy(pages: 256) }) {
        try checkWanted()
        steps += 1
        if steps.isMultiple(of: 4) { try await checked { () throws(StorageError) in try Files.sync(path) } }
      }
    } catch {
      catalog.giveUpCopy()
      throw Self.explained(error)
    }
  }

  /// Copies the catalogue, and makes it and the collections' files agree.
  ///
  /// - Returns: what the backup holds.
  private mutating func copyCatalog() async throws(ChromaError) -> [BackupManifest.Collection] {
    guard let partial else { return [] }
    let (meter, check) = (meter, check)
    let file = "catalog.sqlite3"
    let path = partial.path(of: file)
    try checkWanted()
    try await copyCatalogPages(to: path)
    let listed = try await checked { () throws(StorageError) -> [CollectionInfo] in
      let copy = try Catalog(path: path)
      defer { copy.close() }
      return try copy.allCollections()
    }
    // Those that came meanwhile, and those whose first record did.
    for info in listed where records[info.id] == nil { try await self.copy(info.id) }
    var gone: [Identifier] = []
    for info in listed where records[info.id] == nil {
      if try await self.info(of: info.id) == nil { gone.append(info.id) }
    }
    // Those that went meanwhile.
    let kept = Set(listed.map(\.id)).subtracting(gone)
    for id in records.keys where !kept.contains(id) {
      let path = partial.path(of: BackupManifest.recordsPath(id))
      try await checked { () throws(StorageError) in try Files.remove(path) }
      files.removeAll { $0.path == BackupManifest.recordsPath(id) }
      records[id] = nil
    }
    let forgotten = gone
    files.append(
      try await checked { () throws(StorageError) in
        let copy = try Catalog(path: path)
        do throws(StorageError) {
          try copy.forget(forgotten)
        } catch {
          copy.close()
          throw error
        }
        copy.close()
        guard !Files.exists(path + "-wal") else {
          throw .damaged(path: path, reason: "its log could not be moved into it")
        }
        return try partial.describe(file, meter, check)
      })
    return listed.filter { kept.contains($0.id) }.map { info in
      let found = records[info.id]
      return BackupManifest.Collection(
        id: info.id, name: info.name, path: info.path, dimension: found?.dimension,
        space: info.schema.space.rawValue, count: found?.count ?? 0, maxVersion: found?.maxVersion ?? 0)
    }
  }

  /// Takes a small file of the data directory along.
  private mutating func copyAlong(_ name: String) async throws(ChromaError) {
    guard let partial else { return }
    let source = "\(engine.directory.path)/\(name)"
    let (meter, check) = (meter, check)
    let described = try await checked { () throws(StorageError) -> BackupManifest.File? in
      guard Files.exists(source) else { return nil }
      try Files.copy(source, to: partial.path(of: name))
      return try partial.describe(name, meter, check)
    }
    if let described { files.append(described) }
  }
}

extension ChromaError {
  /// The same with the collection it is about, where it is about one: the copy it names is gone when it is read.
  fileprivate func naming(_ info: CollectionInfo, _ directory: DataDirectory) -> ChromaError {
    guard [.dataLoss, .internal].contains(code) else { return self }
    let what = "Collection [\(info.name)] of database [\(info.path.database)] could not be copied: there is no backup"
    let source = directory.collectionPath(info.id.description)
    return ChromaError(code, what, cause: "\(what). Its files are in \(source). (\(cause ?? message))")
  }
}

extension PartialBackup {
  /// A file as the manifest has it.
  fileprivate func describe(
    _ file: String, _ meter: BackupMeter, _ check: () throws(StorageError) -> Void
  ) throws(StorageError) -> BackupManifest.File {
    let path = path(of: file)
    let digest = try Files.digest(of: path) { (bytes) throws(StorageError) in
      meter.advance(bytes)
      try check()
    }
    return BackupManifest.File(path: file, size: Files.size(of: path) ?? 0, sha256: digest)
  }
}
