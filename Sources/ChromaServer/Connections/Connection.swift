import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// A connection from the socket up: TLS where there is any, the watch over slow clients, then HTTP/1.1.
struct Connection: ServerChildChannel, HTTPChannelHandler {
  typealias Value = HTTP1Channel.Value

  private let http: HTTP1Channel
  private let tls: TLSContexts?
  private let bounds: SlowClientWatch.Bounds

  init(_ configuration: ServerConfiguration, responder: @escaping HTTPChannelHandler.Responder) {
    http = HTTP1Channel(
      responder: responder,
      configuration: HTTP1Channel.Configuration(
        additionalChannelHandlers: [RequestBoundaryHandler()],
        idleTimeout: .seconds(configuration.idleTimeoutSeconds)))
    tls = configuration.tls
    bounds = SlowClientWatch.Bounds(
      head: configuration.headTimeoutSeconds * 1_000_000_000, bodyGrace: 30_000_000_000,
      bodyBytesPerSecond: Int64(configuration.minBodyBytesPerSecond),
      stuckAnswer: configuration.idleTimeoutSeconds * 1_000_000_000)
  }

  var responder: HTTPChannelHandler.Responder { http.responder }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.current)) }
      try channel.pipeline.syncOperations.addHandler(SlowClientHandler(bounds: bounds))
    }
    .flatMap { http.setup(channel: channel, logger: logger) }
  }

  func handle(value: Value, logger: Logger) async {
    await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
      await http.handle(value: value, logger: logger)
    }
  }
}
