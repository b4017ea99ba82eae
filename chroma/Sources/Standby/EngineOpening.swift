import ChromaEngine
import ChromaModel
import Logging

/// A data directory that is being opened, which may mean waiting for the process that has it.
struct EngineOpening: Sendable {
  private let task: Task<Result<Engine, ChromaError>, Never>
  private let reports: AsyncStream<String>

  /// Starts opening.
  init(_ settings: Settings, logger: Logger) {
    let (reports, report) = AsyncStream<String>.makeStream()
    self.reports = reports
    task = Task {
      defer { report.finish() }
      do throws(ChromaError) {
        return .success(try await openEngine(settings, logger: logger) { report.yield($0) })
      } catch {
        return .failure(error)
      }
    }
  }

  /// What holds it up, as soon as something does; `nil` when it came to an end without waiting. Ask once.
  func obstacle() async -> String? {
    for await sentence in reports { return sentence }
    return nil
  }

  var result: Result<Engine, ChromaError> {
    get async { await task.value }
  }

  /// Waits no longer. It may have come to an end just before.
  func cancel() { task.cancel() }
}
