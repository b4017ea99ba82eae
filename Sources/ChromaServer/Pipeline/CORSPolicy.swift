import HTTPTypes
import Hummingbird

/// Which web pages may call the server (https://fetch.spec.whatwg.org/#http-cors-protocol).
struct CORSPolicy: Sendable {
  private let origins: Set<String>
  private let allowsAll: Bool

  init(origins: [String]) {
    self.origins = Set(origins)
    allowsAll = origins.contains("*")
  }

  func allows(_ origin: String) -> Bool { allowsAll || origins.contains(origin) }

  /// The answer to a preflight; `nil` for any other request.
  func preflight(_ request: Request) -> Response? {
    guard request.method == .options, request.headers[.origin] != nil,
      request.headers[.accessControlRequestMethod] != nil
    else { return nil }
    var response = Response(status: .ok)
    response.headers[.accessControlAllowMethods] = "*"
    // The asterisk does not cover credentials (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name).
    response.headers[.accessControlAllowHeaders] = "*, authorization"
    return response
  }

  func decorate(_ response: inout Response, for request: Request) {
    response.headers[.vary] = "origin, access-control-request-method, access-control-request-headers"
    if allowsAll {
      response.headers[.accessControlAllowOrigin] = "*"
    } else if let origin = request.headers[.origin], origins.contains(origin) {
      response.headers[.accessControlAllowOrigin] = origin
    }
  }
}
