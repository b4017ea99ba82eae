import ArgumentParser
import ChromaServer
import Foundation

/// `chroma healthcheck`: for containers, which have no curl.
struct Healthcheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask a server whether it is well.",
    discussion: """
      Sends GET /api/v2/healthcheck, waits up to three seconds, prints one line. Without options it asks the server \
      that "chroma run" would start in the same environment.

      EXIT STATUS
        0   the server answered that it is ready
        1   it did not
      """)

  @Option(help: "Host of the server.")
  var host: String?

  @Option(help: "Port of the server.")
  var port: String?

  @Option(help: "Both as a URL, such as http://localhost:8000.")
  var url: String?

  func run() throws {
    do {
      let server = try address(environment: ProcessInfo.processInfo.environment)
      let status = try HTTPProbe(host: server.host, port: server.port).status(of: "/api/v2/healthcheck", seconds: 3)
      guard status == 200 else {
        print("unhealthy: status \(status)")
        throw ExitCode(1)
      }
      print("healthy")
    } catch let error as ProbeError {
      print("unhealthy: \(error.reason)")
      throw ExitCode(1)
    } catch let error as SettingsError {
      printError(error.message)
      throw ExitCode(error.exitStatus)
    }
  }

  /// Where to ask. A server bound to all addresses is asked on the loopback.
  func address(environment: [String: String]) throws(SettingsError) -> (host: String, port: Int) {
    if let url {
      guard let parts = URLComponents(string: url), parts.scheme == "http", let host = parts.host, !host.isEmpty else {
        throw SettingsError(source: .option, message: "--url must be http://HOST:PORT, not \"\(url)\"")
      }
      return (host.trimmingCharacters(in: ["[", "]"]), parts.port ?? 80)
    }
    let settings = try Settings.resolve(
      flags: SettingsFlags(host: host, port: port), environment: environment, file: nil)
    let bound = settings.server.host
    let host = bound == "0.0.0.0" ? "127.0.0.1" : bound == "::" ? "::1" : bound
    return (host, settings.server.port)
  }
}
