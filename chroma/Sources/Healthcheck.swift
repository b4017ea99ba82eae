import ArgumentParser
import ChromaModel
import Foundation

/// `chroma healthcheck`: for containers, which have no curl.
struct Healthcheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask a server whether it is well.",
    discussion: """
      Sends GET /api/v2/healthcheck, waits up to three seconds, prints one line. Without --url it asks the server \
      that "chroma run" would start with the same options and environment, over TLS when that has it, and then \
      takes any certificate, for it tells the server nothing. With --url or --ca the certificate must be good. A server that asks for client certificates is \
      shown that of --client-cert and --client-key.

      EXIT STATUS
        0   the server answered that it is ready
        1   it did not
        64, 78  as "chroma run" would refuse to start
      """)

  @OptionGroup var options: ServerOptions

  @OptionGroup var server: ServerTarget

  func run() async throws {
    let target = try orExit { () throws(SettingsError) -> HealthProbe in try self.target() }
    do {
      var answer = try await target.ask("/api/v2/healthcheck", seconds: 3)
      // Where that needs credentials, being alive is all that can be asked for.
      if answer.status == 403 { answer = try await target.ask("/api/v2/heartbeat", seconds: 3) }
      guard answer.status == 200 else {
        print("unhealthy: status \(answer.status)")
        throw ExitCode(1)
      }
      print("healthy")
      if case .string(let warning)? = answer.body?["warning"] { print("warning: \(warning)") }
    } catch let error as ProbeError {
      print("unhealthy: \(error.reason)")
      throw ExitCode(1)
    }
  }

  /// Whom to ask, and whom to believe.
  func target(environment: [String: String] = ProcessInfo.processInfo.environment) throws(SettingsError) -> HealthProbe
  {
    try server.probe(options, environment: environment)
  }
}
