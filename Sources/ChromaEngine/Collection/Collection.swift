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
    /// What the newest manifest covers.
    var manifest: Manifest?
    /// The catalogue could not be told of a change that is stored; it is told with the next one.
    var catalogIsBehind = false
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
  /// Rows the newest manifest covers, for deciding without the writer's lock.
  let savedRows = Atomic<Int>(0)
  let isMaintained = Atomic<Bool>(false)
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
    self.info = Mutex(info)
    self.generation = Mutex(generation)
    self.writer = Mutex(writer)
  }

  var segments: SegmentDirectory { SegmentDirectory(path: directory + "/snapshot") }

  var currentInfo: CollectionInfo { info.withLock { $0 } }

  var count: Int { generation.withLock { $0 }.table.snapshot().count }

  /// Anonymous memory it takes, roughly: vectors with their links and codes, the table, a floor for its database.
  var residentBytes: Int {
    let generation = generation.withLock { $0 }
    let rows = generation.table.snapshot().rowCount
    return 256 << 10 + rows * (600 + 5 * (currentInfo.dimension ?? 0))
  }
}

/// What every collection shares with its engine.
final class EngineServices: Sendable {
  let catalog: Catalog
  let logger: Logger
  /// As many as cores: each job is a search or another long read.
  let searches: WorkerPool
  /// Jobs that wait for the disk.
  let commits: WorkerPool
  /// Linking, checkpoints, compaction: gives way to everything else.
  let maintenance: WorkerPool
  let policy = CheckpointPolicy()
  /// Set when the engine closes: long maintenance breaks off.
  let isStopping = Atomic<Bool>(false)

  init(catalog: Catalog, logger: Logger) {
    self.catalog = catalog
    self.logger = logger
    searches = WorkerPool(threads: processorCount)
    commits = WorkerPool(threads: 4)
    maintenance = WorkerPool(threads: processorCount, niceness: 10)
  }

  func stop() {
    maintenance.stop()
    searches.stop()
    commits.stop()
  }
}
