import ArgumentParser
import AsyncHTTPClient
import ChromaModel
import ChromaServer
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

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

  @Option(help: "The server's URL, such as https://chroma.example.org:8000.")
  var url: String?

  @Option(name: .customLong("ca"), help: "PEM file of the authority to trust.", completion: .file())
  var ca: String?

  @Option(name: .customLong("client-cert"), help: "PEM file of a client certificate.", completion: .file())
  var clientCertificate: String?

  @Option(name: .customLong("client-key"), help: "PEM file of its key.", completion: .file())
  var clientKey: String?

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
    var probe: HealthProbe
    if let url {
      guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme), let host = parts.host,
        !host.isEmpty, ["", "/"].contains(parts.path)
      else {
        throw SettingsError(
          source: .option, message: "--url must be http://HOST:PORT or https://HOST:PORT, not \"\(url)\"")
      }
      probe = HealthProbe(base: url.hasSuffix("/") ? String(url.dropLast()) : url)
    } else {
      let settings = try Settings.resolve(try options.sources(environment: environment))
      let bound = settings.server.host
      // A server bound to all addresses is asked on the loopback.
      let host = bound == "0.0.0.0" ? "127.0.0.1" : bound == "::" ? "::1" : bound
      probe = HealthProbe(base: chroma.url(host: host, port: settings.server.port, isSecure: settings.tls != nil))
      probe.takesAnyCertificate = true
    }
    if let ca {
      probe.authority = ca
      probe.takesAnyCertificate = false
    }
    guard (clientCertificate == nil) == (clientKey == nil) else {
      throw SettingsError(source: .option, message: "--client-cert and --client-key belong together")
    }
    probe.client = clientCertificate.flatMap { certificate in clientKey.map { (certificate, $0) } }
    return probe
  }
}

struct ProbeError: Error, Hashable {
  let reason: String
}

/// One GET, with a deadline over all of it.
struct HealthProbe: Sendable {
  /// `http://127.0.0.1:8000`
  var base: String
  var takesAnyCertificate = false
  /// PEM file of an authority; the name in the URL must be the certificate's.
  var authority: String?
  /// PEM files.
  var client: (certificate: String, key: String)?

  func ask(_ path: String, seconds: Int64) async throws(ProbeError) -> (status: UInt, body: JSONValue?) {
    do {
      var configuration = HTTPClient.Configuration(tlsConfiguration: try tls())
      configuration.timeout = .init(connect: .seconds(seconds), read: .seconds(seconds))
      // Whoever probes asks again by himself.
      configuration.connectionPool.retryConnectionEstablishment = false
      let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
      let result: Result<(UInt, JSONValue?), any Error>
      do {
        result = .success(
          try await withDeadline(.seconds(seconds)) {
            let response = try await client.execute(HTTPClientRequest(url: base + path), timeout: .seconds(seconds))
            let body = try await response.body.collect(upTo: 65_536)
            return (response.status.code, try? JSONValue(parsing: String(buffer: body)))
          })
      } catch {
        result = .failure(error)
      }
      try await client.shutdown()
      return try result.get()
    } catch let error as ProbeError {
      throw error
    } catch {
      throw ProbeError(reason: Self.reason(error, base))
    }
  }

  private func tls() throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    if takesAnyCertificate { configuration.certificateVerification = .none }
    if let authority {
      guard let trusted = try? NIOSSLCertificate.fromPEMFile(authority), !trusted.isEmpty else {
        throw ProbeError(reason: "cannot read certificates from \(authority)")
      }
      configuration.trustRoots = .certificates(trusted)
    }
    if let client {
      do {
        configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(client.certificate).map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: client.key, format: .pem))
      } catch {
        throw ProbeError(reason: "cannot read the client certificate: \(error)")
      }
    }
    return configuration
  }

  private static func reason(_ error: any Error, _ base: String) -> String {
    if error is DeadlineError { return "no answer from \(base) in time" }
    if let error = error as? HTTPClientError {
      let timeouts: [HTTPClientError] = [.connectTimeout, .deadlineExceeded, .readTimeout]
      return timeouts.contains(error) ? "no answer from \(base) in time" : "no HTTP answer from \(base) (\(error))"
    }
    let isRefused = error is NIOPosix.NIOConnectionError || (error as? IOError)?.errnoCode == ECONNREFUSED
    return isRefused ? "nothing listens on \(base)" : "no answer from \(base): \(error)"
  }
}
