import AsyncHTTPClient
import ChromaModel
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

struct ProbeError: Error, Hashable {
  let reason: String
  /// Nothing was asked of anybody.
  var saysNobodyListens = false
}

/// A server to ask: where it is, and whom to believe. Each question has a deadline over all of it.
struct HealthProbe: Sendable {
  /// `http://127.0.0.1:8000`
  var base: String
  var takesAnyCertificate = false
  /// PEM file of the server's own certificates: it must show one of them, or one that they sign, for whatever name.
  var ownCertificate: String?
  /// PEM file of an authority; the name in the URL must be the certificate's.
  var authority: String?
  /// PEM files.
  var client: (certificate: String, key: String)?

  func ask(_ path: String, seconds: Int64) async throws(ProbeError) -> (status: UInt, body: JSONValue?) {
    try await send(.GET, path, seconds: seconds)
  }

  /// - Parameters:
  ///   - credentials: name and value of a header; `nil` sends none.
  ///   - seconds: until the whole answer must be there.
  func send(
    _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, credentials: (name: String, value: String)? = nil,
    seconds: Int64,
    maxBytes: Int = 65_536
  ) async throws(ProbeError) -> (status: UInt, body: JSONValue?) {
    do {
      var configuration = HTTPClient.Configuration(tlsConfiguration: try tls())
      configuration.timeout = .init(connect: .seconds(min(seconds, 10)), read: .seconds(seconds))
      // Whoever probes asks again by himself.
      configuration.connectionPool.retryConnectionEstablishment = false
      let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
      let result: Result<(UInt, JSONValue?), any Error>
      do {
        result = .success(
          try await withDeadline(.seconds(seconds)) {
            var request = HTTPClientRequest(url: base + path)
            request.method = method
            if let credentials { request.headers.add(name: credentials.name, value: credentials.value) }
            if let body {
              request.headers.add(name: "content-type", value: "application/json")
              request.body = .bytes(ByteBuffer(string: body.text))
            }
            let response = try await client.execute(request, timeout: .seconds(seconds))
            let bytes = try await response.body.collect(upTo: maxBytes)
            return (response.status.code, try? JSONValue(parsing: String(buffer: bytes)))
          })
      } catch {
        result = .failure(error)
      }
      try await client.shutdown()
      return try result.get()
    } catch let error as ProbeError {
      throw error
    } catch {
      if let ownCertificate, "\(error)".contains("CERTIFICATE_VERIFY_FAILED") {
        throw ProbeError(
          reason: "\(base) shows a certificate that does not follow from \(ownCertificate), which must hold its "
            + "authority as well: else name the server as its certificate does, with --url https://NAME:PORT")
      }
      throw Self.failure(error, base)
    }
  }

  private func tls() throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    if takesAnyCertificate { configuration.certificateVerification = .none }
    if ownCertificate != nil { configuration.certificateVerification = .noHostnameVerification }
    if let file = authority ?? ownCertificate {
      guard let trusted = try? NIOSSLCertificate.fromPEMFile(file), !trusted.isEmpty else {
        throw ProbeError(reason: "cannot read certificates from \(file)")
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

  private static func failure(_ error: any Error, _ base: String) -> ProbeError {
    if error is DeadlineError { return ProbeError(reason: "no answer from \(base) in time") }
    if let error = error as? HTTPClientError {
      let timeouts: [HTTPClientError] = [.connectTimeout, .deadlineExceeded, .readTimeout]
      return ProbeError(
        reason: timeouts.contains(error) ? "no answer from \(base) in time" : "no HTTP answer from \(base) (\(error))")
    }
    if error is NIOPosix.NIOConnectionError || (error as? IOError)?.errnoCode == ECONNREFUSED {
      return ProbeError(reason: "nothing listens on \(base)", saysNobodyListens: true)
    }
    return ProbeError(reason: "no answer from \(base): \(error)")
  }
}
