/// What a request shows of who sent it.
package struct PresentedCredentials: Sendable {
  /// The `Authorization` header as it came.
  package var authorization: String?
  /// The `X-Chroma-Token` header as it came.
  package var chromaToken: String?
  /// Where the request came from, without the port; whoever guesses from there is slowed down.
  package var address: String

  package init(authorization: String? = nil, chromaToken: String? = nil, address: String) {
    self.authorization = authorization
    self.chromaToken = chromaToken
    self.address = address
  }
}

/// Why nobody was recognised. A missing credential, an unknown user and a wrong password are one case on purpose.
package enum AuthenticationFailure: Error, Sendable, Hashable {
  case forbidden
  /// Too many failures from this address, or too many passwords waiting to be checked.
  case tryAgain(seconds: Int)
}

/// Recognises who sent a request.
package protocol Authenticating: Sendable {
  /// Schemes for the `WWW-Authenticate` header, such as `Bearer` and `Basic`.
  var challenges: [String] { get }

  func identify(_ credentials: PresentedCredentials) async throws(AuthenticationFailure) -> Identity
}
