import ChromaAccess
import ChromaModel

/// How the server listens and what it lets through.
package struct ServerConfiguration: Sendable {
  package var host: String
  /// 0 lets the system choose.
  package var port: Int
  /// Largest request body, in bytes; that many are still accepted.
  package var maxBodyBytes = 41_943_040
  /// Bodies being received or decoded at one time may hold this many bytes together; more is answered 503.
  package var maxBodyBytesInFlight = 1 << 30
  /// Requests being worked on at one time; more is answered 503. Health checks do not count.
  package var maxRequestsInFlight = 4096
  /// `nil` for plain HTTP.
  package var tls: TLSContexts?
  /// Gets an entry for each request to a route that needs an action, or whose sender was not recognised.
  package var audit: (@Sendable (AuditEntry) -> Void)?
  package var limits = RequestLimits()
  /// Requests of one user, or one address where nobody is recognised; more is answered 429. `nil` for no limit.
  package var requestsPerSecond: Int?
  /// Proxies whose `X-Forwarded-For` is believed.
  package var trustedProxies: [AddressRange] = []
  /// Origins whose pages may call the server; `["*"]` allows all, `nil` leaves CORS headers out.
  package var corsAllowOrigins: [String]?
  /// Who makes backups; `nil` where no directory is set for them.
  package var backups: (any BackupAPI)?
  /// Who knows what memory goes into; `nil` where nobody does.
  package var memory: (any MemoryAPI)?
  /// `nil` lets everybody do everything.
  package var access: AccessControl?
  /// On API v1, a user of one tenant or one database reaches it by the default names.
  package var derivesPlaceFromIdentity = false
  package var classicClients = ClassicClients.auto
  /// What `GET /api/v2/version` answers.
  package var version = "1.0.0"
  /// Seconds until an idle connection is closed. Python clients keep theirs for 40 s and never retry.
  package var idleTimeoutSeconds: Int64 = 120
  /// Seconds until a request's head, once begun, must be there.
  package var headTimeoutSeconds: Int64 = 20
  /// A body that comes slower than this, after a grace, ends the connection.
  package var minBodyBytesPerSecond = 1024
  /// After a 413 the rest of the body is read and dropped for this long, then the connection is closed.
  package var drainSeconds: Int64 = 30

  /// What to say when anybody on the network may do everything; `nil` when that is not so.
  package var exposure: String? {
    let isLoopback = host == "localhost" || host == "::1" || IPAddress(host)?.bytes.first == 127
    guard access == nil, !isLoopback, !(tls?.requiresClientCertificate ?? false) else { return nil }
    return "Anybody who reaches this server may do everything: it listens beyond loopback, and authentication is off"
  }

  package init(host: String = "127.0.0.1", port: Int = 8000) {
    self.host = host
    self.port = port
  }
}
