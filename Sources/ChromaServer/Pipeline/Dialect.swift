import HTTPTypes
import Hummingbird

/// Which generation of clients a request is answered for.
package enum Dialect: Sendable, Hashable {
  /// Clients since 1.0, JavaScript, curl.
  case modern
  /// Python clients 0.5.16 to 0.6.3, which call API v2.
  case classic
  /// API v1, whoever calls it: Python clients to 0.5.15 among others.
  case first
  /// API v1 called by Python clients to 0.5.3: those before 0.5.1 fail on a list of collections that shows them
  /// members they do not know.
  case earliest

  /// Shapes, names and words of servers before 1.0.
  var isClassic: Bool { self != .modern }
}

/// Whether clients before 1.0 are answered in their own shapes.
package enum ClassicClients: String, Sendable, Hashable, CaseIterable {
  /// On API v1, and on API v2 when a request looks like theirs.
  case auto
  /// Nowhere: there is no API v1.
  case off
  /// Always, whatever the request looks like.
  case force
}

extension Dialect {
  /// Python clients before 1.0 are known by their HTTP library's name, and by sending bodies without a content type.
  init(_ request: Request, _ setting: ClassicClients) {
    let agent = request.headers[.userAgent] ?? ""
    let isFirstAPI = request.uri.path == "/api/v1" || request.uri.path.hasPrefix("/api/v1/")
    switch setting {
    case .off: self = .modern
    case .auto, .force:
      if isFirstAPI {
        self = agent.hasPrefix("python-requests/") ? .earliest : .first
      } else if setting == .force {
        self = .classic
      } else {
        let isTheirs = agent.hasPrefix("python-httpx/") || agent.hasPrefix("python-requests/")
        self = isTheirs && request.headers[.contentType] == nil ? .classic : .modern
      }
    }
  }
}
