public import HTTPTypes
public import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A server on a free port of the loopback address that answers as a test wants, and remembers what it was asked.
public struct StandInServer: Sendable {
  public struct Asked: Sendable {
    public var method: HTTPRequest.Method
    /// With its query.
    public var target: String
    public var headers: HTTPFields
    public var body: String
  }

  public let port: Int
  private let memory: Memory

  public var url: String { "http://127.0.0.1:\(port)" }
  /// In the order the requests came.
  public var asked: [Asked] { memory.asked.withLock { $0 } }

  private final class Memory: Sendable {
    let asked = Mutex<[Asked]>([])
  }

  /// Serves while `body` runs.
  ///
  /// - Parameter answer: given each request and its number, from 0.
  public static func run<Value: Sendable>(
    _ answer: @escaping @Sendable (Asked, Int) async throws -> Response,
    while body: @escaping @Sendable (StandInServer) async throws -> Value
  ) async throws -> Value {
    let memory = Memory()
    let ports = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "stand-in")
    logger.logLevel = .critical
    let responder = CallbackResponder { (request: Request, _: BasicRequestContext) in
      let bytes = try await request.body.collect(upTo: 64 << 20)
      let asked = Asked(
        method: request.method, target: request.uri.description, headers: request.headers,
        body: String(decoding: bytes.readableBytesView, as: UTF8.self))
      let number = memory.asked.withLock { list in
        list.append(asked)
        return list.count - 1
      }
      return try await answer(asked, number)
    }
    let application = Application(
      responder: responder, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in ports.continuation.yield(channel.localAddress?.port ?? 0) }, logger: logger)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        try await application.run()
        return nil
      }
      group.addTask {
        for await port in ports.stream { return try await body(StandInServer(port: port, memory: memory)) }
        return nil
      }
      defer { group.cancelAll() }
      while let value = try await group.next() { if let value { return value } }
      throw CancellationError()
    }
  }
}

extension Response {
  public static func text(
    _ text: String, status: HTTPResponse.Status = .ok, type: String = "application/json", headers: HTTPFields = [:]
  ) -> Response {
    var all = headers
    all[.contentType] = type
    return Response(status: status, headers: all, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
