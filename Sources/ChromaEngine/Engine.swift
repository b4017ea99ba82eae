public import ChromaModel
import Dispatch
public import Logging
import Storage
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Tenants, databases, collections and records in one data directory, in this process.
///
/// Open one engine for a directory; it holds the directory exclusively until ``close()``.
public final class Engine: Sendable {
  let directory: DataDirectory
  let catalog: Catalog
  let configuration: EngineConfiguration
  let services: EngineServices
  let cache = Mutex(CollectionCache())
  let isClosed = Atomic<Bool>(false)
  let gate: MemoryGate
  let isRelieving = Atomic<Bool>(false)
  /// The one backup that is being made.
  let backup = Mutex<RunningBackup?>(nil)
  private let upkeep = Mutex<[Task<Void, Never>]>([])

  /// Opens a data directory, making it when it is not there.
  ///
  /// - Parameter whenHeld: gets, at most once, a sentence about the process that has the directory, before waiting.
  /// - Throws: `unavailable` when another process holds it, and still does after the time that `configuration` gives,
  ///   `failedPrecondition` when it is the official server's, `versionMismatch` when a later version wrote it,
  ///   `aborted` when the task is cancelled. Nothing is changed then.
  public static func open(
    at path: String, configuration: EngineConfiguration = EngineConfiguration(),
    logger: Logger = Logger(label: "chroma.engine"), whenHeld: (@Sendable (String) -> Void)? = nil
  ) async throws(ChromaError) -> Engine {
    let directory = try await DataDirectory.take(path, configuration, whenHeld)
    return try translating { () throws(StorageError) in
      guard Files.exists(directory.catalogPath) || Files.names(in: directory.collectionsPath).isEmpty else {
        directory.release()
        throw .damaged(path: directory.catalogPath, reason: "it is missing, but there are collections")
      }
      let catalog = try Catalog(path: directory.catalogPath, lease: directory.lease)
      let engine = Engine(directory, catalog, configuration, logger)
      try engine.removeOrphans()
      engine.startUpkeep()
      return engine
    }
  }

  private init(_ directory: DataDirectory, _ catalog: Catalog, _ configuration: EngineConfiguration, _ logger: Logger) {
    self.directory = directory
    self.catalog = catalog
    self.configuration = configuration
    gate = MemoryGate(
      budget: configuration.processMemoryBudget, patience: configuration.memoryPatience,
      measure: configuration.measureMemory)
    services = EngineServices(catalog: catalog, lease: directory.lease, logger: logger)
  }

  deinit { endUpkeep() }

  /// What has to be done now and then: the lease renewed, memory given back that open collections took while they grew.
  private func startUpkeep() {
    let renewal = Task { [weak self] in
      while true {
        try? await Task.sleep(for: .seconds(Lease.renewalSeconds))
        guard !Task.isCancelled, let self else { return }
        // On a thread that nothing else waits for: a filesystem of the network may take its time.
        services.renewals.submit { [lease = directory.lease] in lease.renew() }
      }
    }
    // Apart, since closing a collection may take longer than a lease is believed.
    let room = Task { [weak self] in
      while true {
        try? await Task.sleep(for: .seconds(Lease.renewalSeconds))
        guard !Task.isCancelled, let self else { return }
        await makeRoom()
        services.relief.submit { trimHeap() }
        if gate.needsRelief { startRelief() }
      }
    }
    upkeep.withLock { $0 = [renewal, room] }
  }

  private func endUpkeep() { upkeep.withLock { tasks in for task in tasks { task.cancel() } } }

  /// Removes what is left of collections that were deleted. A directory that the catalogue knows nothing of is left
  /// where it is: it may be all there is of somebody's data.
  private func removeOrphans() throws(StorageError) {
    let deleted = try catalog.deletedIDs()
    let known = try catalog.collectionIDs()
    for name in Files.names(in: directory.collectionsPath) {
      let id = Identifier(name)
      if let id, known.contains(id) { continue }
      if let id, deleted.contains(id) {
        try Files.remove(directory.collectionPath(name))
      } else {
        services.logger.warning(
          "the catalogue does not know this directory; it is left alone",
          metadata: ["path": "\(directory.collectionPath(name))"])
      }
    }
    if !deleted.isEmpty {
      try Files.syncDirectory(directory.collectionsPath)
      try catalog.forgetDeleted()
    }
  }

  /// Seconds a closing engine goes on saving. What is not saved is read from the databases at the next start.
  static let savingSeconds: UInt64 = 4

  /// Commits what waits, saves what fits in the time, and lets go of the directory.
  public func close() async {
    let entries = cache.withLock { cache -> [CollectionCache.Entry]? in
      // Within the lock, so that no collection is opened behind it.
      isClosed.exchange(true, ordering: .acquiringAndReleasing) ? nil : cache.removeAll()
    }
    guard let entries else { return }
    gate.close()
    services.savingEnds.store(
      DispatchTime.now().uptimeNanoseconds + Self.savingSeconds * 1_000_000_000, ordering: .releasing)
    services.isStopping.store(true, ordering: .releasing)
    await withTaskGroup(of: Void.self) { group in
      for entry in entries {
        group.addTask {
          switch entry {
          case .open(let collection): await collection.close()
          case .opening(let task): if case .success(let collection) = await task.value { await collection.close() }
          case .closing(let task): await task.value
          }
        }
      }
    }
    // It breaks off by itself, now that everything stops.
    _ = await backup.withLock { $0?.task }?.value
    endUpkeep()
    services.stop()
    catalog.close()
    directory.release()
  }

  // MARK: Open collections

  /// Runs `body` with the collection, opened when it is not, and of this database.
  func withCollection<T: Sendable>(
    _ id: Identifier, in path: DatabasePath, _ body: (Collection) async throws(ChromaError) -> T
  ) async throws(ChromaError) -> T {
    let collection = try await acquire(id)
    defer { cache.withLock { $0.release(id, collection) } }
    guard collection.info.withLock({ $0.path == path }), !collection.isDeleted.load(ordering: .acquiring) else {
      throw Self.noCollection(id)
    }
    return try await body(collection)
  }

  static func noCollection(_ id: Identifier) -> ChromaError {
    ChromaError(.notFound, "Collection [\(id)] does not exist.", about: .collection(id.description))
  }

  /// The collection, opened when it is not; to be given back with `cache.release`.
  func acquire(_ id: Identifier) async throws(ChromaError) -> Collection {
    while true {
      let entry = cache.withLock { cache -> CollectionCache.Entry? in
        if isClosed.load(ordering: .acquiring) { return nil }
        if let entry = cache.use(id) {
          guard case .open(let collection) = entry, collection.isBroken.load(ordering: .acquiring) else { return entry }
          let task = Task<Void, Never> {
            await collection.close()
            self.cache.withLock { _ = $0.remove(id) }
          }
          cache.set(id, .closing(task))
          return .closing(task)
        }
        let task = Task<Result<Collection, ChromaError>, Never> { await self.load(id) }
        cache.set(id, .opening(task))
        return .opening(task)
      }
      switch entry {
      case nil: throw ChromaError(.unavailable, "The server is shutting down")
      case .open(let collection)?: return collection
      case .closing(let task)?: await task.value
      case .opening(let task)?:
        // The one that opened it puts it in place; a failure leaves no entry behind.
        _ = try await task.value.get()
      }
    }
  }

  private func load(_ id: Identifier) async -> Result<Collection, ChromaError> {
    await makeRoom()
    do throws(ChromaError) {
      let collection = try await services.openings.run { () throws(ChromaError) in
        guard let info = try translating({ () throws(StorageError) in try self.catalog.collection(id) }) else {
          throw Self.noCollection(id)
        }
        return try Collection.open(
          info, directory: self.directory.collectionPath(id.description), services: self.services)
      }
      // Unless it was deleted, or the engine closed, while it was opened: then whoever did waits for it.
      cache.withLock { cache in
        if case .opening? = cache.entry(id) { cache.set(id, .open(collection)) }
      }
      collection.maintain()
      return .success(collection)
    } catch {
      cache.withLock { _ = $0.remove(id) }
      return .failure(error)
    }
  }

  /// Closes idle collections while there are too many open, or while they take too much memory.
  private func makeRoom() async {
    while true {
      let (isOver, smallAreOver) = cache.withLock { cache -> (Bool, Bool) in
        let open = cache.openCollections.map { (bytes: $0.residentBytes, isSmall: $0.isSmall) }
        return (
          cache.count > configuration.maxOpenCollections
            || open.reduce(0) { $0 + $1.bytes } > configuration.memoryBudget,
          open.reduce(0) { $0 + ($1.isSmall ? $1.bytes : 0) } > configuration.smallCollectionsMemory
        )
      }
      guard isOver || smallAreOver, await closeIdle(onlySmall: !isOver) else { return }
    }
  }

  /// Closes the collection that has been idle longest.
  ///
  /// - Returns: whether there was one.
  func closeIdle(onlySmall: Bool = false) async -> Bool {
    let victim = cache.withLock { cache -> Task<Void, Never>? in
      guard let (id, collection) = cache.leastRecentlyUsed(where: { !onlySmall || $0.isSmall }) else { return nil }
      let task = Task<Void, Never> {
        await collection.close()
        self.cache.withLock { _ = $0.remove(id) }
      }
      cache.set(id, .closing(task))
      return task
    }
    await victim?.value
    return victim != nil
  }

  /// Closes a collection that is gone from the catalogue and removes its files.
  func discard(_ id: Identifier) async {
    let entry = cache.withLock { $0.remove(id) }
    switch entry {
    case .open(let collection): await collection.delete()
    case .opening(let task): if case .success(let collection) = await task.value { await collection.delete() }
    case .closing(let task): await task.value
    case nil: break
    }
    let path = directory.collectionPath(id.description)
    do {
      try await services.commits.run { () throws(ChromaError) in
        try translating { () throws(StorageError) in try Files.remove(path) }
      }
    } catch {
      // The catalogue has forgotten it, so the next start removes what is left.
      services.logger.warning("could not remove a collection's files", metadata: ["error": "\(error)"])
    }
  }
}
