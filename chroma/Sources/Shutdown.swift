import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Seconds a shutdown gives requests at work; their connections are closed then.
private let drainSeconds: Int64 = 7
/// Seconds after a signal at which the process ends whatever it is doing.
private let shutdownSeconds: Int64 = 10

/// Runs `services` until SIGTERM or SIGINT, then lets them finish what they have begun. A second signal ends the process.
///
/// - Throws: what a service throws; the others are stopped then.
func runUntilSignal(_ services: [any Service], logger: Logger) async throws {
  var configuration = ServiceGroupConfiguration(services: services, logger: quiet(logger))
  configuration.maximumGracefulShutdownDuration = .seconds(drainSeconds)
  let group = ServiceGroup(configuration: configuration)
  let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
  let watch = Task {
    var isStopping = false
    for await signal in signals {
      if isStopping {
        logger.warning("Second signal: stopping at once", metadata: ["signal": "\(signal)"])
        exit(128 + signal.rawValue)
      }
      isStopping = true
      logger.info("Stopping", metadata: ["signal": "\(signal)"])
      Task {
        try await Task.sleep(for: .seconds(shutdownSeconds))
        logger.error("Not stopped in time: giving up", metadata: ["seconds": "\(shutdownSeconds)"])
        exit(1)
      }
      await group.triggerGracefulShutdown()
    }
  }
  defer { watch.cancel() }
  do {
    try await group.run()
  } catch is CancellationError {
    logger.warning("Requests at work were cut off", metadata: ["seconds": "\(drainSeconds)"])
  }
}

/// The lifecycle library says at info what concerns only its own developers.
private func quiet(_ logger: Logger) -> Logger {
  var quiet = logger
  quiet.logLevel = max(logger.logLevel, .notice)
  return quiet
}
