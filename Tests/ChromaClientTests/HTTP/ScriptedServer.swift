import ChromaClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A server that does to each request what its script says next, good or bad, and remembers what it was asked.
final class ScriptedServer: Sendable {
  enum Act: Sendable {
    case answer(_ status: Int, _ body: String, headers: [String] = [])
    /// These bytes in place of an answer, and the end of the connection.
    case bytes([UInt8])
    /// These bytes, and then nothing, for ever.
    case stall([UInt8])
    /// The connection is reset once the request was received whole.
    case reset
    /// Nothing, for ever.
    case hang
  }

  struct Received: Sendable {
    var head: HTTPRequestHead
    var body: String

    var line: String { "\(head.method.rawValue) \(head.uri)" }
  }

  private struct State {
    var script: [Act]
    var received: [Received] = []
    var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state: Mutex<State>
  private let channel: any Channel

  /// Runs `test` against a server with this script. One request more than it has acts for is answered 500.
  static func run<Value: Sendable>(
    _ script: [Act], host: String = "127.0.0.1", _ test: @Sendable (ScriptedServer) async throws -> Value
  ) async throws -> Value {
    let acts = Mutex<ScriptedServer?>(nil)
    let holder = Holder(acts)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            ByteToMessageHandler(HTTPRequestDecoder()), RequestHandler { holder.server })
        }
      }
      .bind(host: host, port: 0).get()
    let server = ScriptedServer(script, channel)
    holder.set(server)
    do {
      let value = try await test(server)
      try await channel.close()
      return value
    } catch {
      try await channel.close()
      throw error
    }
  }

  private final class Holder: Sendable {
    private let stored: Mutex<ScriptedServer?>
    init(_ stored: consuming Mutex<ScriptedServer?>) { self.stored = stored }
    var server: ScriptedServer? { stored.withLock { $0 } }
    func set(_ server: ScriptedServer) { stored.withLock { $0 = server } }
  }

  private init(_ script: [Act], _ channel: any Channel) {
    state = Mutex(State(script: script))
    self.channel = channel
  }

  var address: ServerAddress {
    ServerAddress(
      host: channel.localAddress?.ipAddress ?? "", port: channel.localAddress?.port ?? 0)
  }

  var received: [Received] { state.withLock { $0.received } }
  var lines: [String] { received.map(\.line) }

  /// Returns once that many requests came in.
  func wait(for count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.received.count >= count { return true }
        state.waiting.append((count, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  fileprivate func take(_ request: Received) -> Act {
    let (act, woken) = state.withLock { state in
      state.received.append(request)
      let woken = state.waiting.filter { $0.count <= state.received.count }
      state.waiting.removeAll { $0.count <= state.received.count }
      return (state.script.isEmpty ? .answer(500, "the script is over") : state.script.removeFirst(), woken)
    }
    for waiter in woken { waiter.continuation.resume() }
    return act
  }
}

private final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = ByteBuffer

  private let server: () -> ScriptedServer?
  private var head: HTTPRequestHead?
  private var body = ""

  init(_ server: @escaping () -> ScriptedServer?) { self.server = server }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = ""
    case .body(let part): body += String(buffer: part)
    case .end:
      guard let head, let server = server() else { return }
      act(server.take(ScriptedServer.Received(head: head, body: body)), context)
    }
  }

  /// What comes is no HTTP: TLS, say.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n")), promise: nil)
    context.close(promise: nil)
  }

  private func act(_ act: ScriptedServer.Act, _ context: ChannelHandlerContext) {
    switch act {
    case .answer(let status, let body, let headers):
      let lines =
        ["HTTP/1.1 \(status) Status", "content-type: application/json", "content-length: \(body.utf8.count)"] + headers
      context.writeAndFlush(
        wrapOutboundOut(ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n\r\n" + body)), promise: nil)
    case .bytes(let bytes):
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
      context.close(promise: nil)
    case .stall(let bytes):
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    case .reset:
      let channel = context.channel
      (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        .whenComplete { _ in channel.close(promise: nil) }
    case .hang: break
    }
  }
}
