import ChromaModel

/// Runs an operation of ``ChromaAPI``, whose errors have no room for `CancellationError`, so that a cancelled task throws
/// that and begins nothing new.
func cancellable<Value>(_ operation: () async throws -> Value) async throws -> Value {
  try Task.checkCancellation()
  do {
    return try await operation()
  } catch let error as ChromaError where error.code == .aborted {
    try Task.checkCancellation()
    throw error
  }
}
