import AsyncHTTPClient
import ChromaModel
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPCompression

/// Requests to one server: repeated where that is safe, bounded in time and size.
final class HTTPExchange: Sendable {
  let address: ServerAddress
  private let client: HTTPClient
  private let headers: HTTPHeaders
  private let retry: RetryPolicy
  private let timeouts: ClientTimeouts
  private let maxAnswerBytes: Int
  private let logger: Logger
  private let sleep: @Sendable (Duration) async throws -> Void
  private let random: @Sendable () -> Double

  /// - Parameters:
  ///   - sleep: waits before a repeat.
  ///   - random: from 0 to 1, for the jitter of those waits.
  init(
    _ address: ServerAddress, token: (name: String, value: String)?, retry: RetryPolicy, timeouts: ClientTimeouts,
    maxAnswerBytes: Int, logger: Logger,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
  ) {
    var configuration = HTTPClient.Configuration(
      // Never: the token would go along.
      redirectConfiguration: .disallow,
      timeout: HTTPClient.Configuration.Timeout(connect: TimeAmount(timeouts.connect)),
      decompression: .enabled(limit: .size(maxAnswerBytes)))
    configuration.httpVersion = .http1Only
    // The server closes idle connections after two minutes; proxies in between after one.
    configuration.connectionPool.idleTimeout = .seconds(40)
    // A call that waits for one of these longer than for a connection would be told that there is no server.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
    // Repeats are counted and logged here.
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    var headers: HTTPHeaders = [
      "accept": "application/json", "accept-encoding": "gzip", "user-agent": "Chroma Swift Client",
    ]
    if let token { headers.add(name: token.name, value: token.value) }
    self.headers = headers
    self.address = address
    self.retry = retry
    self.timeouts = timeouts
    self.maxAnswerBytes = maxAnswerBytes
    self.logger = logger
    self.sleep = sleep
    self.random = random
  }

  deinit {
    // It is an error of AsyncHTTPClient's to let one go that still runs; forgetting `shutdown()` should be none of ours.
    client.shutdown { _ in }
  }

  func shutdown() async { try? await client.shutdown() }

  /// Sends the request until it has an answer that is final, whatever its status.
  ///
  /// - Parameter maxAttempts: fewer than the policy's.
  func send(_ call: HTTPCall, maxAttempts: Int = .max) async throws(ChromaError) -> HTTPAnswer {
    let deadline = ContinuousClock.now + timeouts.request
    var attempt = 1
    var hasBroken = false
    while true {
      let result = await self.attempt(call, until: deadline)
      var retryAfter: Duration?
      var isUnknown = false
      switch result {
      case .success(let answer):
        switch answer.status {
        case 429: retryAfter = answer.retryAfter
        case 503:
          retryAfter = answer.retryAfter
          // A server that puts off says so in Chroma's JSON; a proxy may have given up on one that still works.
          isUnknown = !answer.isObject
        // A proxy speaking for a server that it lost, perhaps with our request in hand.
        case 502: isUnknown = true
        case 404 where hasBroken && call.missingIsDone: return HTTPAnswer(status: 200, body: Array("{}".utf8))
        default: return answer
        }
      case .failure(.notConnected): break
      case .failure(.broken): isUnknown = true
      case .failure(let failure): throw error(failure, call)
      }
      let delay = retry.delay(attempt: attempt, retryAfter: retryAfter, random: random())
      guard attempt < min(retry.maxAttempts, maxAttempts), !isUnknown || call.isRepeatable,
        ContinuousClock.now + delay < deadline
      else {
        switch result {
        case .success(let answer): return answer
        case .failure(let failure): throw error(failure, call)
        }
      }
      hasBroken = hasBroken || isUnknown
      logger.debug(
        "repeating a request",
        metadata: [
          "request": "\(call)", "attempt": "\(attempt)", "delay": "\(delay)",
          "because": "\(Self.reason(result))",
        ])
      do { try await sleep(delay) } catch { throw self.error(.cancelled, call) }
      attempt += 1
    }
  }

  private static func reason(_ result: Result<HTTPAnswer, HTTPFailure>) -> String {
    switch result {
    case .success(let answer): "status \(answer.status)"
    case .failure(let failure): "\(failure)"
    }
  }

  /// One attempt, ended by the deadline and by the task's cancellation.
  private func attempt(
    _ call: HTTPCall, until deadline: ContinuousClock.Instant
  ) async -> Result<HTTPAnswer, HTTPFailure> {
    await withTaskGroup(of: Result<HTTPAnswer, HTTPFailure>.self) { group in
      group.addTask { await self.once(call) }
      group.addTask {
        do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return .failure(.cancelled) }
        return .failure(.timedOut)
      }
      let first = await group.next()
      group.cancelAll()
      return first ?? .failure(.cancelled)
    }
  }

  private func once(_ call: HTTPCall) async -> Result<HTTPAnswer, HTTPFailure> {
    var request = HTTPClientRequest(url: address.url + call.path.description)
    request.method = call.method
    request.headers = headers
    if let body = call.body {
      request.headers.add(name: "content-type", value: "application/json")
      request.body = .bytes(body)
    }
    do {
      let response = try await client.execute(request, deadline: .distantFuture, logger: nil)
      let answer = try await HTTPAnswer(response, limit: maxAnswerBytes)
      // A body whose task is cancelled may just end.
      try Task.checkCancellation()
      return .success(answer)
    } catch {
      return .failure(HTTPFailure(error))
    }
  }

  /// What to say of a failure.
  private func error(_ failure: HTTPFailure, _ call: HTTPCall) -> ChromaError {
    let place = address.url
    switch failure {
    case .notConnected(let reason):
      return ChromaError(.unavailable, "No Chroma server at \(place): \(reason)")
    case .broken(let reason):
      return ChromaError(
        .unavailable,
        "The connection to \(place) broke before \(call) was answered; it may have been carried out: \(reason)")
    case .insecure(let reason): return ChromaError(.unavailable, "No TLS connection to \(place): \(reason)")
    case .unreadable(let reason):
      return ChromaError(.internal, "The answer of \(place) to \(call) cannot be read: \(reason)")
    case .tooLong:
      return ChromaError(
        .payloadTooLarge,
        "The answer of \(place) to \(call) is longer than the \(maxAnswerBytes) bytes this client takes: ask for less"
      )
    case .timedOut:
      return ChromaError(
        .deadlineExceeded, "\(place) did not answer \(call) within \(timeouts.request); it may have been carried out"
      )
    case .cancelled: return ChromaError(.aborted, "The task was cancelled during \(call)")
    }
  }
}

extension TimeAmount {
  fileprivate init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
