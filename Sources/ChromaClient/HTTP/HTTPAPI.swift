public import ChromaModel
public import Logging
import NIOCore
import Synchronization

/// A Chroma server over HTTP: API v2, of ours and of the official one.
///
/// Making one connects to nothing: whether the server is there is found out by the first call. Calls are repeated as
/// ``RetryPolicy`` says. Errors of the server come with its code and message, without ``ChromaError/subject``; besides
/// there are `unavailable` for a server that cannot be reached, naming host and port, `deadlineExceeded` for one that
/// takes too long, `aborted` when the task was cancelled, `payloadTooLarge` for an answer longer than allowed, and
/// `internal` for an answer that no Chroma server gives.
public struct HTTPAPI: ChromaAPI {
  let exchange: HTTPExchange
  private let preflight = PreflightCache()

  /// - Parameters:
  ///   - maxAnswerBytes: longest answer that is taken, decompressed.
  public init(
    _ address: ServerAddress, token: String? = nil, tokenHeader: TokenHeader = .authorization,
    retry: RetryPolicy = RetryPolicy(), timeouts: ClientTimeouts = ClientTimeouts(), maxAnswerBytes: Int = 1 << 30,
    logger: Logger = Logger(label: "chroma.client")
  ) {
    self.init(
      HTTPExchange(
        address, token: token.map(tokenHeader.field), retry: retry, timeouts: timeouts, maxAnswerBytes: maxAnswerBytes,
        logger: logger))
  }

  init(_ exchange: HTTPExchange) { self.exchange = exchange }

  public var address: ServerAddress { exchange.address }

  /// Ends the connections. Nothing may be asked afterwards.
  public func shutdown() async { await exchange.shutdown() }

  // MARK: Paths

  static let root = HTTPPath()

  func tenantPath(_ tenant: String) throws(ChromaError) -> HTTPPath {
    // An empty name would be the path of something else, here and below.
    guard !tenant.isEmpty else {
      throw ChromaError(.notFound, "Tenant [] not found", about: .tenant(tenant))
    }
    return Self.root.appending("tenants", tenant)
  }

  func databasePath(_ path: DatabasePath) throws(ChromaError) -> HTTPPath {
    guard !path.database.isEmpty else { throw .invalid("database name must be at least 3 characters") }
    return try tenantPath(path.tenant).appending("databases", path.database)
  }

  func collectionPath(_ name: String, in path: DatabasePath) throws(ChromaError) -> HTTPPath {
    guard !name.isEmpty else {
      throw ChromaError(.notFound, "Collection [] does not exist", about: .collection(name))
    }
    return try databasePath(path).appending("collections", name)
  }

  func recordsPath(_ id: Identifier, in path: DatabasePath, _ verb: String) throws(ChromaError) -> HTTPPath {
    try databasePath(path).appending("collections", id.description, verb)
  }

  // MARK: Answers

  /// What `make` makes of the answer's JSON.
  func ask<Value>(
    _ call: HTTPCall, _ make: (JSONValue) throws(ShapeProblem) -> Value
  ) async throws(ChromaError) -> Value {
    let json = try await exchange.value(call)
    do {
      return try make(json)
    } catch {
      throw ChromaError(
        .internal,
        "The answer of \(address.url) to \(call) cannot be read: \(error.member) is missing "
          + "or of another type")
    }
  }

  func askForList<Element>(
    _ call: HTTPCall, _ make: (JSONValue) throws(ShapeProblem) -> Element
  ) async throws(ChromaError) -> [Element] {
    try await ask(call) { (json) throws(ShapeProblem) in
      guard case .array(let elements) = json else { throw ShapeProblem(member: "the list") }
      var list: [Element] = []
      for element in elements { list.append(try make(element)) }
      return list
    }
  }

  func askForCount(_ call: HTTPCall) async throws(ChromaError) -> Int {
    try await exchange.read(call) { (cursor) throws(JSONError) in try cursor.int() }
  }

  /// What the server wants known before it is written to. Asked once; a failure is not remembered.
  func preflightChecks() async throws(ChromaError) -> Preflight {
    if let known = preflight.value { return known }
    let found = try await ask(.get(Self.root.appending("pre-flight-checks"))) { (json) throws(ShapeProblem) in
      Preflight(json: json)
    }
    preflight.value = found
    return found
  }
}

/// What a server says of itself to those who will write to it.
struct Preflight: Sendable, Hashable {
  /// Records in one batch.
  var maxBatchSize: Int
  /// Vectors may be base64.
  var takesBase64: Bool

  /// Of a server that does not say: batches that are small for any.
  static let cautiousBatchSize = 1000

  init(json: JSONValue) {
    maxBatchSize = json.count("max_batch_size").flatMap { $0 > 0 ? $0 : nil } ?? Self.cautiousBatchSize
    takesBase64 = json["supports_base64_encoding"] == .bool(true)
  }
}

private final class PreflightCache: Sendable {
  private let stored = Mutex<Preflight?>(nil)

  var value: Preflight? {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }
}
