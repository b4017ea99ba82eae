import NIOCore
import NIOHTTPTypes

/// Feeds a ``SlowClientWatch`` with a connection's bytes and closes the connection when the watch says so.
///
/// Stands where bytes are plain (behind TLS) and not yet parsed; ``RequestBoundaryHandler`` tells it where requests
/// begin and end. One timer at most is scheduled.
final class SlowClientHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer

  private var watch: SlowClientWatch
  private var timer: Scheduled<Void>?
  /// When the timer fires.
  private var planned: Int64 = 0
  private var context: ChannelHandlerContext?

  init(bounds: SlowClientWatch.Bounds) { watch = SlowClientWatch(bounds: bounds) }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    self.context = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    watch.bytesArrived(unwrapInboundIn(data).readableBytes, at: Self.now)
    schedule()
    context.fireChannelRead(data)
  }

  func read(context: ChannelHandlerContext) {
    watch.serverAsksForBytes(at: Self.now)
    schedule()
    context.read()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { watch.answerMoves() } else { watch.answerIsStuck(at: Self.now) }
    schedule()
    context.fireChannelWritabilityChanged()
  }

  func headIsComplete() { watch.headIsComplete(at: Self.now) }

  func requestIsComplete() { watch.requestIsComplete() }

  private static var now: Int64 { Int64(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds) }

  /// Plans a look for when there is something to see; a look that comes too early plans the next. A look that is
  /// planned for later gives way: what a long body has earned must not cover the next head.
  private func schedule() {
    guard let context else { return }
    let now = Self.now
    switch watch.verdict(at: now) {
    case .close: context.close(promise: nil)
    case .nothingToWatch: break
    case .look(let deadline):
      guard timer == nil || deadline < planned else { return }
      timer?.cancel()
      planned = deadline
      timer = context.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: .nanoseconds(deadline - now)) {
        self.timer = nil
        self.schedule()
      }
    }
  }
}

@available(*, unavailable)
extension SlowClientHandler: Sendable {}

/// Tells the ``SlowClientHandler`` of its connection where requests begin and end.
final class RequestBoundaryHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  private var watch: SlowClientHandler?

  func handlerAdded(context: ChannelHandlerContext) {
    watch = try? context.pipeline.syncOperations.handler(type: SlowClientHandler.self)
  }

  func handlerRemoved(context: ChannelHandlerContext) { watch = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head: watch?.headIsComplete()
    case .body: break
    case .end: watch?.requestIsComplete()
    }
    context.fireChannelRead(data)
  }
}

@available(*, unavailable)
extension RequestBoundaryHandler: Sendable {}
