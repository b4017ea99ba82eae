import ChromaModel
import Dispatch
import Logging
import Storage
import Synchronization
import VectorIndex

extension Collection {
  /// Changes name, metadata or settings. They are the catalogue's; the collection's own copy of the schema only tells
  /// which keys were seen.
  func change(_ body: (inout CollectionInfo) -> Void) throws(ChromaError) {
    // The writer's lock, since a write may be telling the catalogue of a new key at the same time.
    try writer.withLock { (_) throws(ChromaError) in
      if isDeleted.load(ordering: .acquiring) { throw Engine.noCollection(id) }
      var changed = currentInfo
      body(&changed)
      let updated = changed
      switch try translating({ () throws(StorageError) in try services.catalog.updateCollection(updated) }) {
      case .updated: info.withLock { $0 = updated }
      case .nameTaken:
        throw ChromaError(
          .alreadyExists, "Collection [\(updated.name)] already exists", about: .collection(updated.name))
      case .missing: throw Engine.noCollection(id)
      }
    }
  }

  /// Waits for the writes in the queue, saves what is worth saving and closes the database.
  func close() async {
    await finish(saving: true)
  }

  /// Refuses further writes and closes the database; the caller removes the files.
  func delete() async {
    isDeleted.store(true, ordering: .releasing)
    await finish(saving: false)
  }

  private func finish(saving: Bool) async {
    isClosing.store(true, ordering: .releasing)
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      afterWrites {
        self.services.openings.submit {
          if saving { self.saveForClose() }
          // A checkpoint that is being written ends before its directory is given up.
          self.saving.withLock { _ in
            self.writer.withLock { writer in
              writer.copy = nil
              writer.store = nil
            }
          }
          continuation.resume()
        }
      }
    }
  }

  private func saveForClose() {
    guard DispatchTime.now().uptimeNanoseconds < services.savingEnds.load(ordering: .relaxed) else { return }
    let generation = generation.withLock { $0 }
    let rows = generation.table.snapshot().rowCount
    let linked = generation.index?.linkedCount ?? 0
    if services.policy.isDueAtClose(rows: rows, saved: savedRows.load(ordering: .relaxed))
      || services.policy.savesGraphAtClose(linked: linked, saved: generation.segments.files.graph?.linkedRows ?? 0)
    {
      checkpoint(closing: true)
    }
  }
}
