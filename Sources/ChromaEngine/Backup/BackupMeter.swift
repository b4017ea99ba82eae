import ChromaModel
import Synchronization

/// How far a backup is, and whether it is still wanted.
final class BackupMeter: Sendable {
  private let name = Mutex("")
  private let work = Atomic<Int>(0)
  private let total = Atomic<Int>(0)
  private let collections = Atomic<Int>(0)
  private let collectionsTotal = Atomic<Int>(0)
  private let isGivenUp = Atomic<Bool>(false)

  func begin(bytes: Int, collections: Int) {
    total.store(bytes, ordering: .relaxed)
    collectionsTotal.store(collections, ordering: .relaxed)
  }

  func call(_ name: String) { self.name.withLock { $0 = name } }

  /// Bytes that were copied, or whose digest was taken.
  func advance(_ bytes: Int) { work.add(bytes, ordering: .relaxed) }

  func finishCollection() { collections.add(1, ordering: .relaxed) }

  /// Whoever asked for it has gone.
  func giveUp() { isGivenUp.store(true, ordering: .relaxed) }

  var mustStop: Bool { isGivenUp.load(ordering: .relaxed) }

  var progress: BackupProgress {
    let bytes = total.load(ordering: .relaxed)
    return BackupProgress(
      name: name.withLock { $0 }, bytesDone: min(bytes, work.load(ordering: .relaxed) / 2), bytesTotal: bytes,
      collectionsDone: collections.load(ordering: .relaxed),
      collectionsTotal: collectionsTotal.load(ordering: .relaxed))
  }
}

/// A backup on its way.
struct RunningBackup: Sendable {
  let meter: BackupMeter
  let task: Task<Result<BackupManifest, ChromaError>, Never>
}
