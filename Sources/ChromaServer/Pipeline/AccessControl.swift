import ChromaAccess
import ChromaModel
import HTTPTypes
import Hummingbird

/// Who is let in where. Every request to a route passes here before its handler runs.
package struct AccessControl: Sendable {
  let authenticator: any Authenticating
  /// Patterns of the open routes that stay open. What the table does not call open never is.
  package let publicPatterns: Set<String>
  /// What is accepted, for people: "Bearer, Basic".
  package var schemes: String {
    authenticator.challenges.map { String($0.prefix { $0 != " " }) }.joined(separator: ", ")
  }

  /// - Parameter publicPatterns: `nil` for all that the table calls open.
  package init(authenticator: any Authenticating, publicPatterns: Set<String>? = nil) {
    self.authenticator = authenticator
    self.publicPatterns = publicPatterns ?? RouteTable.openPatterns
  }

  /// Who sent the request; `nil` where nobody need say.
  ///
  /// - Throws: ``Refusal``.
  func identify(_ call: Call) async throws(Refusal) -> Identity? {
    if case .open = call.route.access, publicPatterns.contains(call.route.pattern.description) { return nil }
    let credentials = PresentedCredentials(
      authorization: call.request.headers[.authorization], chromaToken: call.request.headers[.chromaToken],
      address: call.address)
    do {
      return try await authenticator.identify(credentials)
    } catch {
      switch error {
      case .forbidden: throw .unrecognized(challenges: authenticator.challenges)
      case .tryAgain(let seconds): throw .tooMany(seconds: seconds, "Too many failed attempts; try again")
      }
    }
  }

  /// - Throws: ``Refusal/denied``.
  static func authorize(_ identity: Identity, _ route: Route, at place: Place) throws(Refusal) {
    guard case .action(let action) = route.access else { return }
    guard identity.allows(action, tenant: place.tenant, database: place.database) else { throw .denied }
  }
}

/// Why a request does not reach its handler.
enum Refusal: Error, Sendable, Hashable {
  case unrecognized(challenges: [String])
  case denied
  /// Too many requests, or too many failures.
  case tooMany(seconds: Int, String)

  /// Missing, wrong and insufficient credentials have one text: it tells nobody which it was.
  func response(_ dialect: Dialect) -> Response {
    switch self {
    case .unrecognized(let challenges):
      var response = Self.forbidden(dialect)
      response.headers[values: .wwwAuthenticate] = challenges
      return response
    case .denied: return Self.forbidden(dialect)
    case .tooMany(let seconds, let message):
      var response = Response(ChromaError(.resourceExhausted, message), dialect, .get)
      response.headers[.retryAfter] = String(seconds)
      return response
    }
  }

  private static func forbidden(_ dialect: Dialect) -> Response {
    Response(
      ["error": .string(dialect.authenticationError), "message": "Forbidden", "detail": "Forbidden"],
      status: .forbidden)
  }
}

extension RouteTable {
  /// Patterns of the routes that are open unless the settings say otherwise.
  package static let openPatterns = Set(
    (standard.routes + modern.routes).filter { $0.access == .open }.map(\.pattern.description))
}

extension HTTPField.Name {
  static let chromaToken = HTTPField.Name("x-chroma-token") ?? .authorization
}
