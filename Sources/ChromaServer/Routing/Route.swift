import ChromaAccess
import ChromaModel
import HTTPTypes
import Hummingbird

/// One thing the server does: a method on a path, who may do it, and how.
package struct Route: Sendable {
  /// `nil` for every method.
  package let method: HTTPRequest.Method?
  package let pattern: RoutePattern
  package let access: Access
  package let scope: Scope
  /// One line for people.
  package let summary: String
  /// The route works although the server is busy: health checks.
  package let isExemptFromLimits: Bool
  /// With a short body it takes some hundred microseconds of its connection's event loop, and the rest in the engine.
  let isBrief: Bool
  let handler: @Sendable (Call) async throws -> Response

  /// Who may call a route where authentication is on.
  package enum Access: Sendable, Hashable {
    /// Everybody, unless the settings say otherwise.
    case open
    /// Whoever is recognised.
    case recognized
    /// Whoever has a role that allows this, there.
    case action(Action)
  }

  package init(
    _ method: HTTPRequest.Method?, _ pattern: RoutePattern, _ access: Access, _ summary: String,
    scope: Scope = .path, isExemptFromLimits: Bool = false, isBrief: Bool = false,
    handler: @escaping @Sendable (Call) async throws -> Response
  ) {
    self.method = method
    self.pattern = pattern
    self.access = access
    self.scope = scope
    self.summary = summary
    self.isExemptFromLimits = isExemptFromLimits
    self.isBrief = isBrief
    self.handler = handler
  }

  /// The same under another path.
  func at(_ path: String, _ scope: Scope = .path) -> Route {
    Route(
      method, RoutePattern(stringLiteral: path), access, summary, scope: scope,
      isExemptFromLimits: isExemptFromLimits, isBrief: isBrief, handler: handler)
  }
}

/// A path with named holes: `/api/v2/tenants/{tenant}`; a last `{name...}` stands for one or more segments.
package struct RoutePattern: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  package enum Segment: Sendable, Hashable {
    case literal(String)
    case parameter(String)
    case rest(String)
  }

  package let description: String
  package let segments: [Segment]
  /// Names of the holes, in order.
  package let parameters: [String]

  package init(stringLiteral text: String) {
    description = text
    segments = text.split(separator: "/").map { part in
      guard part.hasPrefix("{"), part.hasSuffix("}") else { return .literal(String(part)) }
      let name = part.dropFirst().dropLast()
      return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .parameter(String(name))
    }
    parameters = segments.compactMap { segment in
      switch segment {
      case .literal: nil
      case .parameter(let name), .rest(let name): name
      }
    }
  }

  /// What to say of a request that matched none: never the path itself, which the client chooses.
  static let unknown = "(unknown route)"
}
