import ChromaTestSupport
import Foundation
import HummingbirdTesting
import Testing

@testable import ChromaServer

@Suite("Slow clients") struct SlowClientTests {
  @Test("A head that never ends ends the connection, one that is idle stays")
  func head() async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.headTimeoutSeconds = 1
    try await withServer(.live, configuration: configuration) { (server) async throws in
      let port = try #require(server.client.port)
      let dripping = try Socket(port: port)
      let idle = try Socket(port: port)
      dripping.send("GET /api/v2/heartbeat HTTP/1.1\r\nHost: a\r\nX-Slow: ")
      #expect(await dripping.receive() == .closed)
      idle.send("GET /api/v2/heartbeat HTTP/1.1\r\nHost: a\r\n\r\n")
      guard case .bytes(let answer) = await idle.receive() else {
        Issue.record("the idle connection was closed")
        return
      }
      #expect(answer.hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test("The time a body is given does not cover the next head")
  func afterBody() async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.headTimeoutSeconds = 1
    try await withServer(.live, configuration: configuration) { (server) async throws in
      let socket = try Socket(port: try #require(server.client.port))
      let body = #"{"name":"acme"}"#
      socket.send(
        "POST /api/v2/tenants HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
      )
      // The server waits for the body now, and would for 30 s.
      guard case .bytes(let first) = await socket.receive(), first.hasPrefix("HTTP/1.1 100 ") else {
        Issue.record("not asked for the body")
        return
      }
      // Another slow head serves as a clock: when it is cut off, the first look at our connection is over.
      let clock = try Socket(port: try #require(server.client.port))
      clock.send("GET /")
      #expect(await clock.receive() == .closed)
      socket.send(body)
      guard case .bytes(let second) = await socket.receive(), second.hasPrefix("HTTP/1.1 200 ") else {
        Issue.record("no answer")
        return
      }
      socket.send("GET /api/v2/heart")
      let start = ContinuousClock.now
      #expect(await socket.receive() == .closed)
      #expect(ContinuousClock.now - start < .seconds(20))
    }
  }

  @Test("An idle connection is closed in the end")
  func idle() async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.idleTimeoutSeconds = 1
    try await withServer(.live, configuration: configuration) { (server) async throws in
      let socket = try Socket(port: try #require(server.client.port))
      #expect(await socket.receive() == .closed)
    }
  }
}

/// A plain connection to this machine.
private final class Socket: Sendable {
  enum Event: Equatable { case bytes(String), closed, timedOut }

  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    // A test that hangs fails after this.
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(result == 0)
  }

  deinit { close(descriptor) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(bytes.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, 0) } == bytes.count)
  }

  func receive() async -> Event {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [descriptor] in
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        // A connection that is reset is closed, too.
        let isTimeout = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
        continuation.resume(
          returning: count > 0
            ? .bytes(String(decoding: buffer[..<count], as: UTF8.self)) : isTimeout ? .timedOut : .closed)
      }
    }
  }
}
