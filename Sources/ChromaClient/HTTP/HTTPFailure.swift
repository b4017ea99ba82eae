import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOPosix
import NIOSSL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a request has no answer.
enum HTTPFailure: Error, Sendable, Hashable {
  /// There was no connection: nothing was sent.
  case notConnected(String)
  /// The connection broke; the request may have been carried out.
  case broken(String)
  /// No trust, or no TLS at all. Waiting does not help.
  case insecure(String)
  /// What came back is not HTTP, or not the compression it claims to be.
  case unreadable(String)
  case tooLong(limit: Int)
  case timedOut
  case cancelled

  init(_ error: any Error) {
    switch error {
    case let failure as HTTPFailure: self = failure
    case is CancellationError: self = .cancelled
    case let error as HTTPClientError: self = Self.failure(error)
    case let error as NIOConnectionError: self = .notConnected(Self.reason(error))
    case ChannelError.connectTimeout: self = .notConnected("no connection in time")
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: self = .insecure(Self.reason(ofTLS: error))
    case let error as NIOHTTPDecompression.DecompressionError where error == .limit: self = .tooLong(limit: 0)
    case is NIOHTTPDecompression.DecompressionError, is NIOHTTPDecompression.ExtraDecompressionError:
      self = .unreadable("its compression is damaged")
    case HTTPParserError.invalidEOFState: self = .broken("it ended in the middle of the answer")
    case let error as HTTPParserError: self = .unreadable("it is not HTTP: \(error)")
    case let error as IOError:
      self = Self.isOfConnecting(error) ? .notConnected(Self.words(error)) : .broken(Self.words(error))
    default: self = .broken("\(error)")
    }
  }

  private static func failure(_ error: HTTPClientError) -> HTTPFailure {
    switch error {
    case .cancelled: .cancelled
    case .deadlineExceeded, .readTimeout, .writeTimeout: .timedOut
    case .connectTimeout, .getConnectionFromPoolTimeout: .notConnected("no connection in time")
    case .tlsHandshakeTimeout: .notConnected("no TLS in time")
    case .alreadyShutdown: .notConnected("the client is shut down")
    case .invalidURL, .emptyHost, .emptyScheme: .unreadable("no such URL")
    default: .broken(error.shortDescription)
    }
  }

  /// The system's, such as "Connection refused".
  private static func words(_ error: IOError) -> String { String(cString: strerror(error.errnoCode)) }

  /// Whether it is from before the connection was there. What could be from later as well, such as a lost route, is not.
  private static func isOfConnecting(_ error: IOError) -> Bool {
    error.errnoCode == ECONNREFUSED || error.errnoCode == EADDRNOTAVAIL || error.description.hasPrefix("connect(")
  }

  /// BoringSSL's words, such as "certificate verify failed", out of what is mostly the place in its source.
  private static func reason(ofTLS error: any Error) -> String {
    let text = "\(error)"
    guard let words = text.firstMatch(of: /OPENSSL_internal:([A-Z0-9_]+)/)?.1 else { return text }
    return words.lowercased().replacing("_", with: " ")
  }

  /// The system's words for the first address that failed, or those of the name's look-up.
  private static func reason(_ error: NIOConnectionError) -> String {
    if let attempt = error.connectionErrors.first {
      guard let system = attempt.error as? IOError else {
        if case ChannelError.connectTimeout = attempt.error { return "no connection in time" }
        return "\(attempt.error)"
      }
      return words(system)
    }
    return "there is no host of that name"
  }
}
