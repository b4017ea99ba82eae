import ArgumentParser
import ChromaServer
import Foundation

/// Options that name a running server; `healthcheck` and `backup create` share them.
struct ServerTarget: ParsableArguments {
  @Option(help: "The server's URL, such as https://chroma.example.org:8000.")
  var url: String?

  @Option(name: .customLong("ca"), help: "PEM file of the authority to trust.", completion: .file())
  var ca: String?

  @Option(name: .customLong("client-cert"), help: "PEM file of a client certificate.", completion: .file())
  var clientCertificate: String?

  @Option(name: .customLong("client-key"), help: "PEM file of its key.", completion: .file())
  var clientKey: String?

  /// The server at `--url`, else the one that "chroma run" would start with the same options and environment.
  ///
  /// - Parameter isTold: whether it will be told a secret: then it must show the certificate it is configured with.
  func probe(
    _ options: ServerOptions, environment: [String: String], isTold: Bool = false
  ) throws(SettingsError) -> HealthProbe {
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
      // Its certificate is for the name that others know it by.
      if isTold { probe.ownCertificate = settings.tls?.certificate } else { probe.takesAnyCertificate = true }
    }
    if let ca {
      probe.authority = ca
      probe.takesAnyCertificate = false
      probe.ownCertificate = nil
    }
    guard (clientCertificate == nil) == (clientKey == nil) else {
      throw SettingsError(source: .option, message: "--client-cert and --client-key belong together")
    }
    probe.client = clientCertificate.flatMap { certificate in clientKey.map { (certificate, $0) } }
    return probe
  }
}
