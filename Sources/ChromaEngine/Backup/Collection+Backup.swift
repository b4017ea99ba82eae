import ChromaModel
import Dispatch
import Storage
import Synchronization

extension Collection {
  /// Pages copied with writes held up for it: two megabytes, some milliseconds.
  private static let pagesPerStep = 256
  /// Bytes between two flushes of the copy, so that no commit of anybody's has to wait for more than these.
  private static let bytesPerFlush = 8 << 20

  enum CopyOutcome: Sendable {
    case copied
    /// There is no database: nothing was ever written.
    case empty
    /// The database was closed meanwhile.
    case brokenOff
  }

  /// Copies the database while reads and writes go on: it is the collection at the moment this returns.
  ///
  /// - Parameters:
  ///   - path: a file that is not there yet; what is in it counts only when this returns `.copied`.
  ///   - background: where to wait for the disk.
  func copyDatabase(
    to path: String, _ meter: BackupMeter, on background: WorkerPool
  ) async throws(ChromaError) -> CopyOutcome {
    var outcome = try await step(begins: path)
    var flushed = 0
    var copied = 0
    while case .more = outcome {
      if meter.mustStop { return await giveUpCopy() }
      let bytes = Self.pagesPerStep * 8192
      meter.advance(bytes)
      copied += bytes
      if copied - flushed >= Self.bytesPerFlush {
        flushed = copied
        do {
          try await background.run { () throws(ChromaError) in
            try translating { () throws(StorageError) in try Files.sync(path) }
          }
        } catch {
          // Or every later commit would be written into the copy, too.
          _ = await giveUpCopy()
          throw error
        }
      }
      // The lock is not fair: whoever waits for it is let by.
      if queue.withLock({ $0.isRunning }) { try? await Task.sleep(for: .milliseconds(1)) }
      outcome = try await step(begins: nil)
    }
    switch outcome {
    case .done: return .copied
    case .nothing: return .empty
    case .more, .closed: return .brokenOff
    }
  }

  private enum StepOutcome { case more, done, nothing, closed }

  /// - Parameter path: where a new copy is to be; `nil` goes on with the one on its way.
  private func step(begins path: String?) async throws(ChromaError) -> StepOutcome {
    try await services.commits.run { () throws(ChromaError) in
      try self.writer.withLock { (writer) throws(ChromaError) -> StepOutcome in
        if self.mustStop || writer.failure != nil {
          writer.copy = nil
          return .closed
        }
        return try translating { () throws(StorageError) in
          if let path {
            guard let store = writer.store else { return .nothing }
            writer.copy = try store.copy(to: path)
          }
          guard let copy = writer.copy else { return .closed }
          do throws(StorageError) {
            guard try copy.step(pages: Self.pagesPerStep) else { return .more }
          } catch {
            writer.copy = nil
            throw error
          }
          writer.copy = nil
          return .done
        }
      }
    }
  }

  private func giveUpCopy() async -> CopyOutcome {
    _ = try? await services.commits.run { () throws(ChromaError) in self.writer.withLock { $0.copy = nil } }
    return .brokenOff
  }
}
