import HTTPTypes
import Hummingbird
import Logging

/// On every answer: nothing but this service's own files runs or is shown, and failures become JSON.
struct SecurityHeaders: RouterMiddleware {
  typealias Context = BasicRequestContext

  static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    var response = try await answer(request, context, next)
    response.headers[.contentSecurityPolicy] = Self.policy
    response.headers[.xContentTypeOptions] = "nosniff"
    response.headers[.referrerPolicy] = "no-referrer"
    response.headers[.crossOriginOpenerPolicy] = "same-origin"
    return response
  }

  private func answer(
    _ request: Request, _ context: Context, _ next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      return JSONAnswer.failure(.notFound("There is nothing at \(request.uri.path)"))
    } catch let error as HTTPError {
      return JSONAnswer.failure(
        WebError(
          status: error.status, code: "http_\(error.status.code)", message: error.body ?? error.status.reasonPhrase))
    } catch {
      if let known = WebError(error) { return JSONAnswer.failure(known) }
      context.logger.error("Request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
      return JSONAnswer.failure(
        WebError(
          status: .internalServerError, code: "internal", message: "Something went wrong here; the log has more"))
    }
  }
}

extension HTTPField.Name {
  static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .xContentTypeOptions
  static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy") ?? .xContentTypeOptions
}
