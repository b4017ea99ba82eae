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
  /// Origins whose pages may call the server; `["*"]` allows all, `nil` leaves CORS headers out.
  package var corsAllowOrigins: [String]?
  /// `nil` lets everybody do everything.
  package var access: AccessControl?
  /// On API v1, a user of one tenant or one database reaches it by the default names.
  package var derivesPlaceFromIdentity = false
  package var classicClients = ClassicClients.auto
  /// What `GET /api/v2/version` answers.
  package var version = "1.0.0"
  /// Seconds until an idle connection is closed. Python clients keep theirs for 40 s and never retry.
  package var idleTimeoutSeconds: Int64 = 120
  /// After a 413 the rest of the body is read and dropped for this long, then the connection is closed.
  package var drainSeconds: Int64 = 30

  package init(host: String = "127.0.0.1", port: Int = 8000) {
    self.host = host
    self.port = port
  }
}
