/// How long a client waits.
public struct ClientTimeouts: Sendable, Hashable {
  /// For a connection, TLS included.
  public var connect: Duration
  /// For an answer, from the call to its last byte, repeats and the waits between them included.
  public var request: Duration

  public init(connect: Duration = .seconds(5), request: Duration = .seconds(60)) {
    self.connect = connect
    self.request = request
  }
}
