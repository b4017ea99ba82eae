import HTTPTypes
import Hummingbird

/// Which generation of clients a request is answered for.
package enum Dialect: Sendable, Hashable {
  /// Clients since 1.0, JavaScript, curl.
  case modern
  /// Python clients 0.4 to 0.6, and API v1 whoever calls it.
  case classic
}

/// Whether Python clients before 1.0 are answered in their own shapes on API v2.
package enum ClassicClients: String, Sendable, Hashable, CaseIterable {
  /// When a request looks like theirs.
  case auto
  case off
  /// Always, whatever the request looks like.
  case force
}

extension Dialect {
  /// Python clients before 1.0 are known by their HTTP library's name, and by sending bodies without a content type.
  init(_ request: Request, _ setting: ClassicClients) {
    if request.uri.path.hasPrefix("/api/v1") {
      self = .classic
      return
    }
    switch setting {
    case .off: self = .modern
    case .force: self = .classic
    case .auto:
      let agent = request.headers[.userAgent] ?? ""
      let isTheirs = agent.hasPrefix("python-httpx/") || agent.hasPrefix("python-requests/")
      self = isTheirs && request.headers[.contentType] == nil ? .classic : .modern
    }
  }
}
