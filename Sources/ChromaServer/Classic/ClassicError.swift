import ChromaModel
import HTTPTypes
import Hummingbird

/// An error in the status, name and words of servers before 1.0 (`chromadb/errors.py` of 0.4 to 0.6): their clients
/// raise the exception that goes with the name, and any other name as a bare `Exception`.
struct ClassicError: Sendable, Hashable {
  var status: Int
  var name: String
  var message: String

  /// - Parameter method: of the request: who deletes what is not there hears of a bad argument.
  init(_ error: ChromaError, _ method: HTTPRequest.Method) {
    switch (error.code, error.subject) {
    case (.notFound, .collection(let collection)?) where method == .delete:
      self.init(400, "InvalidArgumentError", "Collection \(collection) does not exist.")
    case (.notFound, .collection(let collection)?):
      self.init(400, "InvalidCollection", "Collection \(collection) does not exist.")
    case (.notFound, .tenant(let tenant)?): self.init(404, "NotFoundError", "Tenant \(tenant) not found")
    case (.notFound, .database(let path)?), (.invalidArgument, .database(let path)?):
      self.init(
        404, "NotFoundError",
        "Database \(path.database) not found for tenant \(path.tenant). Are you sure it exists?")
    case (.alreadyExists, .collection(let collection)?):
      self.init(409, "UniqueConstraintError", "Collection \(collection) already exists")
    case (.alreadyExists, .tenant(let tenant)?):
      self.init(409, "UniqueConstraintError", "Tenant \(tenant) already exists")
    case (.alreadyExists, .database(let path)?):
      self.init(
        409, "UniqueConstraintError", "Database \(path.database) already exists for tenant \(path.tenant)")
    case (_, .dimension(let expected, let given)?):
      self.init(
        400, "InvalidDimension",
        "Embedding dimension \(given) does not match collection dimensionality \(expected)")
    case (_, .collectionID(let text)?): self.init(400, "InvalidUUID", "Could not parse \(text) as a UUID")
    case (_, .reset?):
      self.init(
        400, "InvalidArgumentError",
        "Resetting is not allowed by this configuration (to enable it, set `allow_reset` to `True` in your "
          + "Settings() or include `ALLOW_RESET=TRUE` in your environment variables)")
    case (.resourceExhausted, _): self.init(error.code.httpStatus, "RateLimitError", error.message)
    default: self.init(error.code.httpStatus, error.code.wireName, error.message)
    }
  }

  private init(_ status: Int, _ name: String, _ message: String) {
    self.status = status
    self.name = name
    self.message = message
  }
}

extension Response {
  init(_ error: ClassicError) {
    self.init(
      ["error": .string(error.name), "message": .string(error.message)],
      status: HTTPResponse.Status(code: error.status))
  }

  /// The answer to `error` for whoever sent a request of this method.
  init(_ error: ChromaError, _ dialect: Dialect, _ method: HTTPRequest.Method) {
    if dialect.isClassic { self.init(ClassicError(error, method)) } else { self.init(error) }
  }

  /// No route has the path.
  static func noRoute(_ dialect: Dialect) -> Response {
    dialect.isClassic
      ? Response(["detail": "Not Found"], status: .notFound) : Response(ChromaError(.notFound, "No such route"))
  }

  /// The path has routes, none of them with the method.
  static func noMethod(_ dialect: Dialect) -> Response {
    dialect.isClassic
      ? Response(["detail": "Method Not Allowed"], status: .methodNotAllowed)
      : Response(ChromaError(.methodNotAllowed, "Method not allowed"))
  }
}

extension Dialect {
  /// The name that makes a client raise its own error of authentication: those of API v1 know but one of the two.
  var authenticationError: String {
    switch self {
    case .modern, .classic: ChromaError.Code.forbidden.wireName
    case .first, .earliest: "AuthorizationError"
    }
  }
}
