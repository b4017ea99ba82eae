import ChromaClient
import HTTPTypes

/// An answer other than success: a status, a code for programs, a sentence for people.
struct WebError: Error, Sendable, Hashable {
  var status: HTTPResponse.Status
  var code: String
  var message: String

  static func badRequest(_ message: String) -> WebError {
    WebError(status: .badRequest, code: "bad_request", message: message)
  }
  static func notFound(_ message: String) -> WebError {
    WebError(status: .notFound, code: "not_found", message: message)
  }
  static func tooMuch(_ message: String) -> WebError {
    WebError(status: .contentTooLarge, code: "too_large", message: message)
  }
  static let busy = WebError(
    status: .tooManyRequests, code: "busy", message: "Too much is being worked on; try again in a moment")

  /// What a failure of the rooms below means for a browser.
  init?(_ error: any Error) {
    switch error {
    case let error as WebError: self = error
    case let error as Librarian.NotReady:
      self.init(
        status: .serviceUnavailable, code: error.isUnreachable ? "database_unreachable" : "not_ready",
        message: error.message)
    case let error as UnknownPassage: self = .notFound("There is no passage \(error.id)")
    case is TurnGate.Full: self = .busy
    case let error as Deadline.Passed:
      self.init(
        status: .serviceUnavailable, code: "database_unreachable",
        message: "The database has not answered for \(Int(error.seconds)) s")
    case let error as ChromaError: self.init(database: error)
    default: return nil
    }
  }

  private init(database error: ChromaError) {
    switch error.code {
    case .unavailable, .deadlineExceeded:
      self.init(status: .serviceUnavailable, code: "database_unreachable", message: error.message)
    case .insufficientStorage:
      self.init(
        status: .init(code: 507, reasonPhrase: "Insufficient Storage"), code: "database_full", message: error.message)
    case .unauthenticated, .permissionDenied, .forbidden:
      self.init(
        status: .badGateway, code: "database_refused", message: "The database refused this service: \(error.message)")
    default: self.init(status: .badGateway, code: "database_error", message: "The database says: \(error.message)")
    }
  }

  init(status: HTTPResponse.Status, code: String, message: String) {
    self.status = status
    self.code = code
    self.message = message
  }
}
