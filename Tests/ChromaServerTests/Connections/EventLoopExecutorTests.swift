import NIOCore
import NIOPosix
import Testing

@testable import ChromaServer

@Suite("Event loop executor")
struct EventLoopExecutorTests {
  @Test("A task runs on the event loop, also after it has waited for others, until it asks for another place")
  func place() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let loop = group.next()
    await withTaskExecutorPreference(EventLoopExecutor(loop)) {
      #expect(loop.inEventLoop)
      await Task.detached {}.value
      #expect(loop.inEventLoop)
      async let child = loop.inEventLoop
      #expect(await child)
      await withTaskExecutorPreference(globalConcurrentExecutor) { #expect(!loop.inEventLoop) }
      #expect(loop.inEventLoop)
    }
    try await group.shutdownGracefully()
  }
}
