/// What every operation of ``ChromaAPI`` throws: a code, a message for the caller, and what led to it.
public struct ChromaError: Error, Sendable, Hashable, CustomStringConvertible {
  public var code: Code
  /// One or two sentences that name the offending value and the limit it broke.
  public var message: String
  /// What the message leaves out, for logs only; never sent to a client.
  public var cause: String?
  /// What it is about, for those who say the same in other words.
  public var subject: Subject?

  public init(_ code: Code, _ message: String, about subject: Subject? = nil, cause: String? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
    self.subject = subject
  }

  /// The thing that is missing, there already, not understood or not allowed.
  public enum Subject: Sendable, Hashable {
    case tenant(String)
    case database(DatabasePath)
    /// By its name, or by its id where it was asked for by id.
    case collection(String)
    /// What was given as a collection's id.
    case collectionID(String)
    /// Numbers to a vector: the collection's, the request's.
    case dimension(expected: Int, given: Int)
    case reset
  }

  public var description: String { "\(code.name): \(message)" + (cause.map { " (\($0))" } ?? "") }
}

extension ChromaError {
  /// The one table of codes: our name ↔ HTTP status ↔ the name Chroma's clients map to an exception.
  ///
  /// A struct with static members rather than an enum, so that a code can be added without breaking a `switch`.
  public struct Code: Sendable, Hashable {
    public let name: String
    public let httpStatus: Int
    /// The value of `error` in the response body.
    public let wireName: String

    private init(_ name: String, _ httpStatus: Int, _ wireName: String) {
      self.name = name
      self.httpStatus = httpStatus
      self.wireName = wireName
    }

    public static let invalidArgument = Code("invalidArgument", 400, "InvalidArgumentError")
    /// The body is not JSON at all.
    public static let malformedJSON = Code("malformedJSON", 400, "InvalidArgumentError")
    public static let aborted = Code("aborted", 400, "ChromaError")
    public static let unauthenticated = Code("unauthenticated", 401, "ChromaError")
    public static let permissionDenied = Code("permissionDenied", 403, "ChromaError")
    /// Nobody we know, or not allowed: on the wire the two look alike.
    public static let forbidden = Code("forbidden", 403, "AuthError")
    public static let notFound = Code("notFound", 404, "NotFoundError")
    public static let methodNotAllowed = Code("methodNotAllowed", 405, "ChromaError")
    public static let alreadyExists = Code("alreadyExists", 409, "ChromaError")
    public static let failedPrecondition = Code("failedPrecondition", 412, "ChromaError")
    public static let payloadTooLarge = Code("payloadTooLarge", 413, "ChromaError")
    public static let unsupportedMediaType = Code("unsupportedMediaType", 415, "ChromaError")
    /// The body is JSON of the wrong shape.
    public static let unprocessable = Code("unprocessable", 422, "ChromaError")
    public static let resourceExhausted = Code("resourceExhausted", 429, "ChromaError")
    public static let `internal` = Code("internal", 500, "InternalError")
    public static let dataLoss = Code("dataLoss", 500, "ChromaError")
    public static let versionMismatch = Code("versionMismatch", 500, "VersionMismatchError")
    public static let unimplemented = Code("unimplemented", 501, "ChromaError")
    public static let unavailable = Code("unavailable", 503, "ChromaError")
    public static let deadlineExceeded = Code("deadlineExceeded", 504, "ChromaError")
    /// The disk is full: reads go on, writes work again when there is space.
    public static let insufficientStorage = Code("insufficientStorage", 507, "ChromaError")

    public static let all: [Code] = [
      .invalidArgument, .malformedJSON, .aborted, .unauthenticated, .permissionDenied, .forbidden, .notFound,
      .methodNotAllowed,
      .alreadyExists, .failedPrecondition, .payloadTooLarge, .unsupportedMediaType, .unprocessable, .resourceExhausted,
      .internal, .dataLoss, .versionMismatch, .unimplemented, .unavailable, .deadlineExceeded, .insufficientStorage,
    ]
  }
}

extension ChromaError {
  public static func invalid(_ message: String, about subject: Subject? = nil) -> ChromaError {
    ChromaError(.invalidArgument, message, about: subject)
  }

  /// A vector that does not fit its collection.
  public static func wrongDimension(expected: Int, given: Int) -> ChromaError {
    .invalid(
      "Collection expecting embedding with dimension of \(expected), got \(given)",
      about: .dimension(expected: expected, given: given))
  }

  /// JSON of the wrong shape, in the wording Chroma's server uses.
  public static func shape(_ path: String, _ reason: String) -> ChromaError {
    let place = path.isEmpty ? "" : "\(path): "
    return ChromaError(.unprocessable, "Failed to deserialize the JSON body into the target type: \(place)\(reason)")
  }

  /// Bytes that are not JSON, in the wording Chroma's server uses.
  public static func notJSON(_ reason: String) -> ChromaError {
    ChromaError(.malformedJSON, "Failed to parse the request body as JSON: \(reason)")
  }
}
