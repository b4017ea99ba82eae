import Crypto
import HTTPTypes
import Hummingbird

/// Who may change the library, and whose pages may ask for work.
struct WriteGuard: Sendable {
  let token: String?
  /// A service that the platform publishes takes no writes without a token.
  let mustHaveToken: Bool

  var isTokenNeeded: Bool { token != nil }

  /// Why nobody may write; `nil` when somebody may.
  var obstacle: String? {
    token == nil && mustHaveToken
      ? "Set MYAPP_ADMIN_TOKEN to allow uploads here: this service is on a platform and may be reached by anybody" : nil
  }

  /// - Throws: ``WebError``: 403 for another site's page and where writing is off, 401 without the token.
  func check(_ request: Request) throws(WebError) {
    try Self.checkOrigin(request)
    if let obstacle { throw WebError(status: .forbidden, code: "writes_off", message: obstacle) }
    guard let token else { return }
    let given = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1).map(String.init)
    guard given.count == 2, given[0].lowercased() == "bearer", Self.isSame(given[1], token) else {
      throw WebError(
        status: .unauthorized, code: "token_needed", message: "This needs the token that MYAPP_ADMIN_TOKEN is set to")
    }
  }

  /// Pages of other sites may not ask for work in the name of who looks at them.
  static func checkOrigin(_ request: Request) throws(WebError) {
    let foreign = WebError(status: .forbidden, code: "foreign_page", message: "Pages of other sites may not do this")
    if let site = request.headers[.secFetchSite], site == "cross-site" || site == "same-site" { throw foreign }
    guard let origin = request.headers[.origin] else { return }
    let host = origin.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).last.map(String.init)
    guard let host, host.lowercased() == (request.head.authority ?? "").lowercased() else { throw foreign }
  }

  /// Takes as long whatever is wrong.
  private static func isSame(_ left: String, _ right: String) -> Bool {
    SHA256.hash(data: Array(left.utf8)) == SHA256.hash(data: Array(right.utf8))
  }
}

extension HTTPField.Name {
  static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .origin
}
