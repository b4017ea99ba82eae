import ChromaModel
import Storage

extension ChromaError {
  /// What a caller is told of a failure below: no paths, no SQL; those go to the log as the cause.
  init(_ error: StorageError) {
    switch error {
    case .diskFull:
      self.init(
        .insufficientStorage,
        "The disk is full: nothing of this request was stored. Reads go on; writes work again "
          + "when there is space.", cause: error.description)
    case .tooLittleSpace: self.init(.insufficientStorage, error.description)
    case .newerFormat: self.init(.versionMismatch, error.description)
    case .damaged: self.init(.dataLoss, "Stored data could not be read", cause: error.description)
    case .locked: self.init(.unavailable, error.description)
    case .foreignDirectory, .unfinishedRestore, .notEmpty, .isBackup: self.init(.failedPrecondition, error.description)
    case .leaseUnproven:
      self.init(
        .unavailable, "It cannot be found out whether this server still holds its data directory; nothing was stored",
        cause: error.description)
    case .leaseLost:
      self.init(
        .unavailable, "Another process has taken this data directory over; this one has stopped writing",
        cause: error.description)
    case .closed: self.init(.unavailable, "The server is shutting down")
    case .system, .sqlite: self.init(.internal, "Storage failed; see the server's log", cause: error.description)
    }
  }
}

/// Runs `body`, turning storage's errors into the API's.
func translating<T>(_ body: () throws(StorageError) -> T) throws(ChromaError) -> T {
  do { return try body() } catch { throw ChromaError(error) }
}
