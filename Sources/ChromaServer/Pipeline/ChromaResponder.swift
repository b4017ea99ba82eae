import ChromaAccess
import ChromaModel
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The way of every request: find its route, let it in, run its handler, turn errors into answers, log one line.
package struct ChromaResponder: HTTPResponder {
  package typealias Context = ServerContext

  private let api: any ChromaAPI
  private let configuration: ServerConfiguration
  private let routes: RouteTable
  private let gate: RequestGate
  private let rateLimiter: RateLimiter?
  private let cors: CORSPolicy?
  private let logger: Logger

  init(api: any ChromaAPI, configuration: ServerConfiguration, routes: RouteTable, logger: Logger) {
    self.api = api
    self.configuration = configuration
    self.routes = routes
    self.logger = logger
    gate = RequestGate(
      maxRequests: configuration.maxRequestsInFlight, maxBytes: configuration.maxBodyBytesInFlight,
      isShortOfMemory: { [memory = configuration.memory] in memory?.isShortOfMemory ?? false })
    rateLimiter = configuration.requestsPerSecond.map { RateLimiter(requestsPerSecond: $0) }
    cors = configuration.corsAllowOrigins.flatMap { $0.isEmpty ? nil : CORSPolicy(origins: $0) }
  }

  package func respond(to request: Request, context: ServerContext) async throws -> Response {
    let started = ContinuousClock.now
    let requestID = RequestIdentifier(request)
    let match = routes.match(request.method, path: request.uri.path)
    let dialect = Dialect(request, configuration.classicClients)
    var call = makeCall(request, match, dialect, context)
    var refusal: Refusal?
    var response: Response
    do {
      if let preflight = cors?.preflight(request) {
        response = preflight
      } else if isFromForeignPage(request, cors) {
        response = Response(
          ChromaError(
            .permissionDenied,
            "A page of another origin may not write here; cors_allow_origins says which may"), dialect, request.method)
      } else {
        response = try await answer(match, &call, dialect)
      }
    } catch let failure as BodyStreamFailure {
      throw failure.underlying
    } catch let reason as Refusal {
      refusal = reason
      response = reason.response(dialect)
    } catch {
      response = refuse(error, request, dialect, requestID: requestID)
    }
    if request.method == .head { response = response.createHeadResponse() }
    if response.status.code >= 400 { response.headers[.chromaTraceID] = noTraceID }
    if mayGoOnSending(request, match, response) { closeSoon(&response, context.channel) }
    response.headers[.requestID] = requestID.text
    cors?.decorate(&response, for: request)
    log(request, match, response, requestID: requestID, started: started)
    if let call, let write = configuration.audit { audit(call, refusal, response, requestID, write) }
    return response
  }

  /// `nil` where no route was found.
  private func makeCall(
    _ request: Request, _ match: RouteTable.Match, _ dialect: Dialect, _ context: ServerContext
  ) -> Call? {
    guard case .found(let route, let values) = match else { return nil }
    return Call(
      api: api, configuration: configuration, gate: gate, request: request, route: route, values: values,
      dialect: dialect, address: address(request, context.channel),
      named: configuration.audit == nil ? nil : NamedResource())
  }

  /// Where a request comes from; empty where nobody wants to know. Asked at the start: a connection that is closed has
  /// no address any more.
  private func address(_ request: Request, _ channel: any Channel) -> String {
    guard configuration.access != nil || configuration.audit != nil || rateLimiter != nil else { return "" }
    let trusted = configuration.trustedProxies
    return clientAddress(
      peer: channel.remoteAddress?.ipAddress ?? "",
      forwardedFor: trusted.isEmpty ? nil : request.headers[values: .forwardedFor].joined(separator: ","),
      trusted: trusted)
  }

  private func answer(
    _ match: RouteTable.Match, _ call: inout Call?, _ dialect: Dialect
  ) async throws -> Response {
    switch match {
    case .found(let route, _):
      if !route.isExemptFromLimits { try gate.enter() }
      defer { if !route.isExemptFromLimits { gate.leave() } }
      guard var admitted = call else { break }
      defer { call = admitted }
      try await admit(&admitted)
      if route.isBrief, admitted.hasShortBody { return try await route.handler(admitted) }
      // Milliseconds perhaps, for which other connections of the event loop would wait.
      let call = admitted
      return try await withTaskExecutorPreference(globalConcurrentExecutor) { try await route.handler(call) }
    case .wrongMethod(let allowed):
      var response = Response.noMethod(dialect)
      response.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
      return response
    case .notFound: break
    }
    return .noRoute(dialect)
  }

  /// Finds out who sent the request and what place it is about, and whether that goes together.
  ///
  /// - Throws: ``Refusal``, and `ChromaError` for a place that cannot be read.
  private func admit(_ call: inout Call) async throws {
    do {
      call.identity = try await configuration.access?.identify(call)
    } catch {
      try takeFromRate(call)
      throw error
    }
    try takeFromRate(call)
    do {
      call.place = try await call.findPlace(for: call.identity)
    } catch {
      // Whoever may not do this anywhere is told so, whether or not the place exists.
      if let identity = call.identity, case .action(let action) = call.route.access,
        !identity.actions.contains(action)
      {
        throw Refusal.denied
      }
      throw error
    }
    if let identity = call.identity { try AccessControl.authorize(identity, call.route, at: call.place) }
  }

  /// Counts a request against its user, or its address where nobody is recognised.
  private func takeFromRate(_ call: Call) throws(Refusal) {
    guard let rateLimiter, !call.route.isExemptFromLimits else { return }
    let key = call.identity.map { "user " + $0.userID } ?? "address " + AddressGroup(call.address).text
    guard let seconds = rateLimiter.wait(key) else { return }
    throw Refusal.tooMany(seconds: seconds, "Too many requests; try again in \(seconds) s")
  }

  /// The answer to what a handler threw. Whatever is not meant for clients stays in the log.
  private func refuse(
    _ error: any Error, _ request: Request, _ dialect: Dialect, requestID: RequestIdentifier
  ) -> Response {
    guard let error = error as? ChromaError else {
      logger.error(
        "A handler failed", metadata: ["request-id": "\(requestID.text)", "cause": "\(String(reflecting: error))"])
      return Response(ChromaError(.internal, "Internal server error"))
    }
    if let cause = error.cause {
      logger.log(
        level: error.code.httpStatus >= 500 ? .warning : .debug, "\(error.message)",
        metadata: ["request-id": "\(requestID.text)", "cause": "\(cause)"])
    }
    var response = Response(error, dialect, request.method)
    if error.code == .unavailable { response.headers[.retryAfter] = "1" }
    return response
  }

  /// Whether a body is left on the connection that is longer than any we would read.
  private func mayGoOnSending(_ request: Request, _ match: RouteTable.Match, _ response: Response) -> Bool {
    if response.status == .contentTooLarge { return true }
    if case .found = match, response.status.code < 400 { return false }
    if let length = request.headers[.contentLength] {
      return Int(length).map { $0 > configuration.maxBodyBytes } ?? true
    }
    return request.headers[.transferEncoding] != nil
  }

  /// The client may still be sending: what it sends is read and dropped for a while, so that it sees the answer
  /// instead of a reset, but not for ever.
  private func closeSoon(_ response: inout Response, _ channel: any Channel) {
    response.headers[.connection] = "close"
    channel.eventLoop.scheduleTask(in: .seconds(configuration.drainSeconds)) { channel.close(promise: nil) }
  }

  private func audit(
    _ call: Call, _ refusal: Refusal?, _ response: Response, _ requestID: RequestIdentifier,
    _ write: @Sendable (AuditEntry) -> Void
  ) {
    var action: Action?
    if case .action(let needed) = call.route.access { action = needed }
    guard action != nil || refusal != nil else { return }
    let collection = call.route.pattern.parameters.first { ["collection_id", "crn"].contains($0) }
    let outcome: AuditEntry.Outcome =
      switch refusal {
      case .unrecognized: .unrecognized
      case .denied: .denied
      case .tooMany: .throttled
      case nil: response.status.code < 400 ? .done : .failed
      }
    write(
      AuditEntry(
        requestID: requestID.text, user: call.identity?.userID, address: call.address, action: action,
        method: call.request.method.rawValue, route: call.route.pattern.description, place: call.place,
        collection: collection.flatMap { try? call.parameter($0) }, name: call.named?.name,
        status: Int(response.status.code),
        outcome: outcome))
  }

  private func log(
    _ request: Request, _ match: RouteTable.Match, _ response: Response, requestID: RequestIdentifier,
    started: ContinuousClock.Instant
  ) {
    let level: Logger.Level = response.status.code >= 500 && response.status.code != 501 ? .warning : .debug
    guard level >= logger.logLevel else { return }
    let pattern =
      if case .found(let route, _) = match { route.pattern.description } else { RoutePattern.unknown }
    logger.log(
      level: level, "\(request.method.rawValue) \(pattern)",
      metadata: [
        "request-id": "\(requestID.text)", "status": "\(response.status.code)",
        "microseconds": "\(Int((ContinuousClock.now - started) / .microseconds(1)))",
      ])
  }
}

/// Chroma's servers name the trace on every error, all zeros when there is none.
private let noTraceID = "00000000000000000000000000000000"

extension HTTPField.Name {
  static let chromaTraceID = HTTPField.Name("chroma-trace-id") ?? .eTag
  static let forwardedFor = HTTPField.Name("x-forwarded-for") ?? .eTag
  static let requestID = HTTPField.Name("x-request-id") ?? .eTag
}
