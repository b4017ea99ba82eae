import ChromaModel
import HTTPTypes
import Testing

@testable import ChromaServer

@Suite("Errors in the words of servers before 1.0")
struct ClassicErrorTests {
  static let path = DatabasePath(tenant: "ten9", database: "dbz")

  static let rows: [(error: ChromaError, method: HTTPRequest.Method, expected: String)] = [
    (
      ChromaError(.notFound, "Collection [x] does not exist", about: .collection("x")), .get,
      "[400] InvalidCollection: Collection x does not exist."
    ),
    (
      ChromaError(.notFound, "Collection [x] does not exist", about: .collection("x")), .delete,
      "[400] InvalidArgumentError: Collection x does not exist."
    ),
    (
      .wrongDimension(expected: 2, given: 3), .post,
      "[400] InvalidDimension: Embedding dimension 3 does not match collection dimensionality 2"
    ),
    (
      .invalid("Collection ID is not a valid UUIDv4", about: .collectionID("bad")), .post,
      "[400] InvalidUUID: Could not parse bad as a UUID"
    ),
    (
      ChromaError(.alreadyExists, "Collection [coll] already exists", about: .collection("coll")), .post,
      "[409] UniqueConstraintError: Collection coll already exists"
    ),
    (
      ChromaError(.alreadyExists, "Tenant [ten1] already exists", about: .tenant("ten1")), .post,
      "[409] UniqueConstraintError: Tenant ten1 already exists"
    ),
    (
      ChromaError(.alreadyExists, "Database [dbz] already exists", about: .database(path)), .post,
      "[409] UniqueConstraintError: Database dbz already exists for tenant ten9"
    ),
    (
      ChromaError(.notFound, "Tenant [ten9] not found", about: .tenant("ten9")), .get,
      "[404] NotFoundError: Tenant ten9 not found"
    ),
    (
      ChromaError(.notFound, "Database [dbz] not found", about: .database(path)), .get,
      "[404] NotFoundError: Database dbz not found for tenant ten9. Are you sure it exists?"
    ),
    (
      .invalid("Database [dbz] does not exist", about: .database(path)), .post,
      "[404] NotFoundError: Database dbz not found for tenant ten9. Are you sure it exists?"
    ),
    (
      ChromaError(.permissionDenied, "Reset is disabled by config", about: .reset), .post,
      "[400] InvalidArgumentError: Resetting is not allowed by this configuration (to enable it, set `allow_reset` to "
        + "`True` in your Settings() or include `ALLOW_RESET=TRUE` in your environment variables)"
    ),
    (ChromaError(.resourceExhausted, "Too many"), .get, "[429] RateLimitError: Too many"),
    (.invalid("Invalid where clause"), .post, "[400] InvalidArgumentError: Invalid where clause"),
    (.shape("ids", "missing"), .post, "[422] ChromaError: " + ChromaError.shape("ids", "missing").message),
    (ChromaError(.notFound, "Attached function not found"), .get, "[404] NotFoundError: Attached function not found"),
    (ChromaError(.internal, "Internal server error"), .get, "[500] InternalError: Internal server error"),
  ]

  @Test("Each condition has its status, name and words")
  func conditions() {
    for row in Self.rows {
      let error = ClassicError(row.error, row.method)
      #expect("[\(error.status)] \(error.name): \(error.message)" == row.expected)
    }
  }

  @Test("A refusal has the name that each generation's clients map to their own error")
  func authentication() {
    #expect(Dialect.modern.authenticationError == "AuthError")
    #expect(Dialect.classic.authenticationError == "AuthError")
    #expect(Dialect.first.authenticationError == "AuthorizationError")
    #expect(Dialect.earliest.authenticationError == "AuthorizationError")
  }
}
