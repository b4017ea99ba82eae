import ChromaModel
import Storage

extension DataDirectory {
  /// Takes a directory, waiting for whoever has it as long as `configuration` says; as long as it takes to find out
  /// whether a holder on another machine is still there.
  ///
  /// - Throws: storage's errors, and `aborted` when the task is cancelled while it waits.
  static func take(
    _ path: String, _ configuration: EngineConfiguration, _ whenHeld: (@Sendable (String) -> Void)?
  ) async throws(ChromaError) -> DataDirectory {
    let deadline = ContinuousClock.now + configuration.leaseWait
    var watch = LeaseWatch()
    var isFirst = true
    while true {
      do {
        return try DataDirectory(path: path, watch: &watch, whenLost: configuration.whenDirectoryIsLost)
      } catch {
        guard case .locked(_, _, let isCertain) = error else { throw ChromaError(error) }
        if isCertain, ContinuousClock.now >= deadline { throw ChromaError(error) }
        if isFirst { whenHeld?(error.description) }
        isFirst = false
      }
      do {
        try await Task.sleep(for: .milliseconds(100))
      } catch {
        throw ChromaError(.aborted, "Waiting for \(path) was broken off")
      }
    }
  }
}
