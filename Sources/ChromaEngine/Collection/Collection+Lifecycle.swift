import ChromaModel
import Logging
import Storage
import Synchronization

extension Collection {
  /// Changes name, metadata or settings, in the catalogue first.
  func change(_ body: (inout CollectionInfo) -> Void) throws(ChromaError) {
    // The writer's lock, since a write may be telling the catalogue of a new key at the same time.
    try writer.withLock { (writer) throws(ChromaError) in
      if isDeleted.load(ordering: .acquiring) { throw Engine.noCollection(id) }
      var changed = currentInfo
      body(&changed)
      let updated = changed
      if updated.schema != currentInfo.schema, let store = writer.store {
        // The collection's own copy is the one believed at the next opening.
        var commit = RecordStore.Commit()
        commit.schema = updated.schema.json.text
        try translating { () throws(StorageError) in try store.commit(commit) }
      }
      switch try translating({ () throws(StorageError) in try services.catalog.updateCollection(updated) }) {
      case .updated: info.withLock { $0 = updated }
      case .nameTaken: throw ChromaError(.alreadyExists, "Collection [\(updated.name)] already exists")
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
        if saving { self.saveForClose() }
        // A checkpoint that is being written ends before its directory is given up.
        self.saving.withLock { _ in }
        self.writer.withLock { $0.store = nil }
        continuation.resume()
      }
    }
  }

  private func saveForClose() {
    let rows = generation.withLock { $0 }.table.snapshot().rowCount
    if services.policy.isDueAtClose(rows: rows, saved: savedRows.load(ordering: .relaxed)) { checkpoint() }
  }
}
