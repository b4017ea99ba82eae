import ChromaModel
import Storage
import Synchronization

extension Engine {
  /// A database below this many bytes is copied as a file when its collection is not open; a request for it waits for
  /// that long. A larger one is opened.
  private static let closedBytes = 64 << 20

  /// How a collection is to be copied.
  private enum Way {
    /// Nobody has it open, and nobody opens it before the task ends.
    case closed(Task<Result<Bool, ChromaError>, Never>)
    case open
    case wait(Task<Void, Never>)
    case stop
  }

  /// Copies the database of a collection, open or not, into a new file.
  ///
  /// - Returns: false when there is none: nothing was ever written, or the collection is gone.
  func copyRecords(
    of id: Identifier, to path: String, _ meter: BackupMeter, on background: WorkerPool
  ) async throws(ChromaError) -> Bool {
    let directory = directory.collectionPath(id.description)
    // A collection that is opened anew each time would be the end of every request, too.
    for _ in 0..<100 {
      switch way(id, directory, to: path, meter) {
      case .stop: throw ChromaError(.unavailable, "The server is shutting down")
      case .wait(let task): await task.value
      case .closed(let task): return try await task.value.get()
      case .open:
        switch try await copyOpen(id, to: path, meter, on: background) {
        case .copied: return true
        case .empty: return false
        case .brokenOff where meter.mustStop || services.isStopping.load(ordering: .relaxed):
          throw ChromaError(.unavailable, "The backup was given up, and is not there")
        case .brokenOff: continue
        }
      }
    }
    throw ChromaError(.aborted, "Collection [\(id)] could not be copied: it is closed again and again")
  }

  private func way(_ id: Identifier, _ directory: String, to path: String, _ meter: BackupMeter) -> Way {
    let bytes = RecordStore.byteCount(in: directory)
    return cache.withLock { cache in
      if isClosed.load(ordering: .acquiring) { return .stop }
      switch cache.entry(id) {
      case .closing(let task): return .wait(task)
      case .open, .opening: return .open
      case nil where bytes >= Self.closedBytes: return .open
      case nil:
        let copy = Task<Result<Bool, ChromaError>, Never> {
          await self.copyClosed(directory, to: path, bytes, meter)
        }
        cache.set(
          id,
          .closing(
            Task {
              _ = await copy.value
              self.cache.withLock { _ = $0.remove(id) }
            }))
        return .closed(copy)
      }
    }
  }

  private func copyClosed(
    _ directory: String, to path: String, _ bytes: Int, _ meter: BackupMeter
  ) async -> Result<Bool, ChromaError> {
    do throws(ChromaError) {
      let isThere = try await services.openings.run { () throws(ChromaError) in
        try translating { () throws(StorageError) in
          try RecordStore.copyClosed(in: directory, to: path, lease: self.services.lease)
        }
      }
      meter.advance(bytes)
      return .success(isThere)
    } catch {
      return .failure(error)
    }
  }

  private func copyOpen(
    _ id: Identifier, to path: String, _ meter: BackupMeter, on background: WorkerPool
  ) async throws(ChromaError) -> Collection.CopyOutcome {
    let collection: Collection
    do {
      collection = try await acquire(id)
    } catch {
      guard error.code == .notFound else { throw error }
      return .empty
    }
    defer { cache.withLock { $0.release(id, collection) } }
    return try await collection.copyDatabase(to: path, meter, on: background)
  }
}
