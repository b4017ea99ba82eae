import ChromaModel
import Logging
import Storage
import Synchronization
import VectorIndex

/// One open collection: its records, its index, its database and the queue of writes to it.
///
/// Readers take a snapshot and hold nothing. Writes of concurrent requests are committed together by one job at a time.
final class Collection: Sendable {
  /// The state that belongs to the one commit, checkpoint or close that is running.
  struct Writer: ~Copyable {
    var store: RecordStore?
    var nextVersion: Int64 = 1
    /// The manifest on disk.
    var manifest: Manifest?
    /// The catalogue could not be told of a change that is stored; it is told with the next one.
    var catalogIsBehind = false
    /// A copy for a backup, on its way. Whoever closes the database ends it before.
    var copy: DatabaseCopy?
    /// The database failed in a way that leaves its state open: nothing more is written until it is opened anew.
    var failure: ChromaError?
  }

  struct Queue {
    var waiting: [PendingWrite] = []
    /// A job is committing, and looks here again before it ends.
    var isRunning = false
    /// To be done when nothing waits any more.
    var whenIdle: [@Sendable () -> Void] = []
  }

  struct PendingWrite: Sendable {
    var operation: WriteOperation
    var complete: @Sendable (Result<Int, ChromaError>) -> Void
  }

  let id: Identifier
  let directory: String
  let services: EngineServices
  let info: Mutex<CollectionInfo>
  let generation: Mutex<Generation>
  let writer: Mutex<Writer>
  let queue = Mutex(Queue())
  /// Held by the one checkpoint that is being written.
  let saving = Mutex<Void>(())
  /// Linking jobs at work.
  let linkers = Atomic<Int>(0)
  /// A sealing job is at work.
  let isSealing = Atomic<Bool>(false)
  /// The oldest unsealed rows make no block.
  let cannotSeal = Atomic<Bool>(false)
  /// Rows the newest manifest covers, for deciding without the writer's lock.
  let savedRows = Atomic<Int>(0)
  /// Memory of its database, as it was after the last commit: only the writer may ask.
  let databaseBytes = Atomic<Int>(0)
  let isMaintained = Atomic<Bool>(false)
  /// What a compaction is making the links of, so that writers that are too fast for it can help.
  let compacting = Mutex<Generation?>(nil)
  /// Full chunks and blocks are being saved.
  let isSaving = Atomic<Bool>(false)
  /// Nanoseconds of the monotonic clock at the last query; 0 before the first.
  let lastQuery = Atomic<UInt64>(0)
  /// The same of the last filter.
  let lastFilter = Atomic<UInt64>(0)
  /// Nanoseconds of the monotonic clock before which a checkpoint that failed is not tried again.
  let retriesAfter = Atomic<UInt64>(0)
  /// What is stored and what is in memory may differ: to be opened anew, without saving anything.
  let isBroken = Atomic<Bool>(false)
  let isDeleted = Atomic<Bool>(false)
  /// On its way out of the cache: long maintenance breaks off.
  let isClosing = Atomic<Bool>(false)

  init(
    info: CollectionInfo, directory: String, services: EngineServices, generation: Generation,
    writer: consuming sending Writer
  ) {
    id = info.id
    self.directory = directory
    self.services = services
    savedRows.store(writer.manifest?.rowCount ?? 0, ordering: .relaxed)
    databaseBytes.store(writer.store?.memoryBytes ?? 0, ordering: .relaxed)
    self.info = Mutex(info)
    self.generation = Mutex(generation)
    self.writer = Mutex(writer)
  }

  var segments: SegmentDirectory { SegmentDirectory(path: directory + "/snapshot") }

  var currentInfo: CollectionInfo { info.withLock { $0 } }

  var count: Int { generation.withLock { $0 }.table.snapshot().count }
}

/// What every collection shares with its engine.
final class EngineServices: Sendable {
  let catalog: Catalog
  let lease: Lease
  let logger: Logger
  /// As many as cores: each job is a search or another long read.
  let searches: WorkerPool
  /// Short jobs that wait for the disk.
  let commits: WorkerPool
  /// Opening and closing, which may take long, so that no commit waits behind them.
  let openings: WorkerPool
  /// Links, batch by batch: gives way to everything else.
  let linking: WorkerPool
  /// Checkpoints and compaction.
  let savings: WorkerPool
  /// What makes room in memory, which must not wait behind what takes it.
  let relief: WorkerPool
  /// The lease, which must not wait behind anything.
  let renewals: WorkerPool
  let policy = CheckpointPolicy()
  /// Set when the engine closes: long maintenance breaks off.
  let isStopping = Atomic<Bool>(false)
  /// Nanoseconds of the monotonic clock after which a closing engine saves nothing more: it all is in the databases.
  let savingEnds = Atomic<UInt64>(.max)

  init(catalog: Catalog, lease: Lease, logger: Logger) {
    self.catalog = catalog
    self.lease = lease
    self.logger = logger
    searches = WorkerPool(threads: processorCount)
    commits = WorkerPool(threads: 4)
    openings = WorkerPool(threads: 2)
    linking = WorkerPool(threads: processorCount, niceness: 10)
    savings = WorkerPool(threads: 2, niceness: 10)
    relief = WorkerPool(threads: 1)
    renewals = WorkerPool(threads: 1)
  }

  func stop() {
    for pool in [renewals, relief, linking, savings, searches, openings, commits] { pool.stop() }
  }
}
