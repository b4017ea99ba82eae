import HTTPTypes
import Hummingbird

/// While only this machine can reach the service, only this machine's names may name it.
///
/// Otherwise a page of another site could make its own name lead here, and be of the same origin as the service: it would
/// read the library and write to it.
struct HostCheck: RouterMiddleware {
  typealias Context = BasicRequestContext

  /// Names without ports; `nil` lets every name pass.
  let names: Set<String>?

  init(_ settings: MyAppSettings) {
    let own = ["127.0.0.1", "::1", "localhost"]
    names = own.contains(settings.host) && !settings.isOnPlatform ? Set(own) : nil
  }

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    if let names, let authority = request.head.authority, !names.contains(Self.name(of: authority)) {
      throw WebError(
        status: .misdirectedRequest, code: "unknown_host",
        message: "This service answers to localhost only; set MYAPP_HOST to serve others")
    }
    return try await next(request, context)
  }

  /// `[::1]:8080` is `::1`.
  static func name(of authority: String) -> String {
    let text = authority.lowercased()
    if text.hasPrefix("[") { return String(text.dropFirst().prefix { $0 != "]" }) }
    return String(text.prefix { $0 != ":" })
  }
}
