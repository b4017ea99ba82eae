import ChromaModel
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import ChromaClient

@Suite("What a client makes of a network that fails")
struct HTTPExchangeTests {
  // MARK: No connection

  /// A port that nobody listens on.
  private func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(channel.localAddress?.port)
    try await channel.close()
    return port
  }

  @Test("A server that is not there is unavailable, by host and port, after every attempt")
  func refused() async throws {
    let port = try await freePort()
    let waits = Rig.Waits()
    let api = Rig.api(ServerAddress(host: "127.0.0.1", port: port), waits: waits)
    let place = "No Chroma server at http://127.0.0.1:\(port)"
    await Rig.expect(.unavailable, [place, "refused"]) { try await api.heartbeat() }
    #expect(waits.list == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
    // Nothing was sent, so what must not be done twice is tried again as well.
    await Rig.expect(.unavailable, [place, "refused"]) { try await api.reset() }
    #expect(waits.list.count == 6)
    #expect(await api.isReady() == false)
    await api.shutdown()
  }

  @Test("A host without an address is unavailable by its name")
  func unknownHost() async throws {
    let api = Rig.api(ServerAddress(host: "no-such-host.invalid", port: 8000), attempts: 1)
    await Rig.expect(.unavailable, ["http://no-such-host.invalid:8000"]) { try await api.heartbeat() }
    await api.shutdown()
  }

  @Test("A server that comes up while the client waits is found")
  func comesUp() async throws {
    try await ScriptedServer.run([.answer(503, Rig.unavailable), .answer(200, "5")]) { (server) async throws in
      let api = Rig.api(server.address)
      #expect(try await api.count(Rig.collection, in: Rig.path) == 5)
      await api.shutdown()
    }
  }

  @Test("An address of IPv6 is reached")
  func ipv6() async throws {
    do {
      try await ScriptedServer.run([.answer(200, "5")], host: "::1") { (server) async throws in
        let api = Rig.api(server.address)
        #expect(try await api.count(Rig.collection, in: Rig.path) == 5)
        #expect(server.received.first?.head.headers["host"] == ["[::1]:\(server.address.port)"])
        await api.shutdown()
      }
    } catch is IOError {
      // This machine has no IPv6.
    }
  }

  @Test("A client that is let go without a shutdown ends its connections")
  func letGo() async throws {
    try await ScriptedServer.run([.answer(200, "5")]) { (server) async throws in
      let count = try await Rig.api(server.address).count(Rig.collection, in: Rig.path)
      #expect(count == 5)
    }
  }

  @Test("After the shutdown nothing is asked, and it says so")
  func afterShutdown() async throws {
    try await ScriptedServer.run([]) { (server) async throws in
      let api = Rig.api(server.address)
      await api.shutdown()
      await api.shutdown()
      await Rig.expect(.unavailable, ["shut down"]) { try await api.heartbeat() }
    }
  }

  @Test("A server without TLS is not taken for one with it, and not asked again")
  func noTLS() async throws {
    let waits = Rig.Waits()
    try await ScriptedServer.run([]) { (server) async throws in
      var address = server.address
      address.isSecure = true
      let api = Rig.api(address, waits: waits)
      await Rig.expect(.unavailable, ["No TLS connection to https://\(address.hostAndPort): wrong version number"]) {
        try await api.heartbeat()
      }
      #expect(waits.list == [])
      await api.shutdown()
    }
  }

  // MARK: Putting off

  @Test("What a busy server puts off is sent again, even what must not be done twice", arguments: [429, 503])
  func putOff(status: Int) async throws {
    let waits = Rig.Waits()
    try await ScriptedServer.run([
      .answer(status, Rig.unavailable, headers: ["retry-after: 7"]), .answer(status, Rig.unavailable),
      .answer(status, Rig.unavailable, headers: ["retry-after: 99999"]), .answer(200, "true"),
    ]) { (server) async throws in
      let api = Rig.api(server.address, waits: waits, timeouts: ClientTimeouts(request: .seconds(600)))
      try await api.reset()
      #expect(server.lines == Array(repeating: "POST /api/v2/reset", count: 4))
      #expect(waits.list == [.milliseconds(7100), .milliseconds(200), .milliseconds(30_400)])
      await api.shutdown()
    }
  }

  @Test("A proxy that says so may have sent the request on: then only what may be done twice is sent again")
  func proxyPutsOff() async throws {
    try await ScriptedServer.run([.answer(503, "<html>"), .answer(200, "5"), .answer(503, "<html>")]) {
      (server) async throws in
      let api = Rig.api(server.address)
      #expect(try await api.count(Rig.collection, in: Rig.path) == 5)
      await Rig.expect(.unavailable, ["503"]) { try await api.reset() }
      #expect(server.lines.count == 3)
      await api.shutdown()
    }
  }

  @Test("A server that stays busy is believed in the end")
  func staysBusy() async throws {
    try await ScriptedServer.run(Array(repeating: .answer(503, Rig.unavailable), count: 9)) { (server) async throws in
      let api = Rig.api(server.address)
      await Rig.expect(.unavailable, ["busy"]) { try await api.count(Rig.collection, in: Rig.path) }
      #expect(server.lines.count == 4)
      await api.shutdown()
    }
  }

  @Test("A wait that would outlast the deadline is not begun")
  func waitTooLong() async throws {
    let waits = Rig.Waits()
    try await ScriptedServer.run([.answer(503, Rig.unavailable, headers: ["retry-after: 20"])]) {
      (server) async throws in
      let api = Rig.api(server.address, waits: waits, timeouts: ClientTimeouts(request: .seconds(10)))
      await Rig.expect(.unavailable, ["busy"]) { try await api.count(Rig.collection, in: Rig.path) }
      #expect(waits.list == [])
      await api.shutdown()
    }
  }

  // MARK: Broken connections

  @Test("What does no harm twice is sent again when the connection breaks")
  func brokenAndRepeated() async throws {
    try await ScriptedServer.run([
      .reset, .answer(200, "5"), .reset, .answer(200, Rig.empty), .reset, .answer(200, Rig.preflight),
      .reset, .answer(201, "{}"), .reset, .answer(200, "{}"), .reset, .answer(200, #"{"deleted":1}"#),
      .reset, .answer(200, "{}"),
    ]) { (server) async throws in
      let api = Rig.api(server.address)
      let (id, path) = (Rig.collection, Rig.path)
      #expect(try await api.count(id, in: path) == 5)
      _ = try await api.get(GetRequest(), from: id, in: path)
      try await api.add(Rig.batch, to: id, in: path)
      try await api.upsert(Rig.batch, to: id, in: path)
      #expect(try await api.delete(DeleteRequest(filter: RecordFilter(ids: ["a"])), from: id, in: path) == 1)
      try await api.updateCollection(id, in: path, UpdateCollectionRequest(newName: "other"))
      #expect(server.lines.count == 14)
      await api.shutdown()
    }
  }

  @Test("What must not be done twice is not, and the error says that it may have been done")
  func brokenAndLeft() async throws {
    try await ScriptedServer.run([.reset, .reset, .reset, .reset, .reset]) { (server) async throws in
      let api = Rig.api(server.address)
      let (id, path) = (Rig.collection, Rig.path)
      let words = ["http://\(server.address.hostAndPort)", "may have been carried out"]
      let test = RecordFilter(predicate: .key("n") == 1)
      await Rig.expect(.unavailable, words) { try await api.reset() }
      await Rig.expect(.unavailable, words) { try await api.createTenant("tenant") }
      await Rig.expect(.unavailable, words) {
        try await api.createCollection(CreateCollectionRequest(name: "things"), in: path)
      }
      await Rig.expect(.unavailable, words) {
        try await api.delete(DeleteRequest(filter: test, limit: 1), from: id, in: path)
      }
      await Rig.expect(.unavailable, words) { try await api.delete(DeleteRequest(filter: test), from: id, in: path) }
      #expect(server.lines.count == 5)
      await api.shutdown()
    }
  }

  @Test("What is missing at the repeat of a deletion was deleted; what was missing before was not")
  func deletion() async throws {
    let missing = ScriptedServer.Act.answer(404, #"{"error":"NotFoundError","message":"it does not exist"}"#)
    try await ScriptedServer.run([.reset, missing, missing, .answer(502, "<html>"), missing]) { (server) async throws in
      let api = Rig.api(server.address)
      try await api.deleteCollection(named: "things", in: Rig.path)
      await Rig.expect(.notFound, ["does not exist"]) { try await api.deleteCollection(named: "things", in: Rig.path) }
      try await api.deleteDatabase(Rig.path)
      await api.shutdown()
    }
  }

  @Test("A proxy that lost the server is asked again only where that is safe")
  func badGateway() async throws {
    try await ScriptedServer.run([.answer(502, "<html>bad gateway</html>"), .answer(200, "5"), .answer(502, "<html>")])
    {
      (server) async throws in
      let api = Rig.api(server.address)
      #expect(try await api.count(Rig.collection, in: Rig.path) == 5)
      await Rig.expect(.unavailable, ["502", "not Chroma's JSON", "<html>"]) { try await api.reset() }
      await api.shutdown()
    }
  }

  // MARK: Time

  @Test("A server that says nothing is given up at the deadline")
  func hangs() async throws {
    try await ScriptedServer.run([.hang]) { (server) async throws in
      let api = Rig.api(server.address, timeouts: ClientTimeouts(request: .milliseconds(50)))
      await Rig.expect(.deadlineExceeded, ["http://\(server.address.hostAndPort)", "0.05"]) {
        try await api.count(Rig.collection, in: Rig.path)
      }
      await api.shutdown()
    }
  }

  @Test("A server that stops in the middle of its answer is given up too, one that ends there has broken")
  func stops() async throws {
    let half = Array("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"ids\":[\"a\"".utf8)
    try await ScriptedServer.run([.stall(half)]) { (server) async throws in
      let api = Rig.api(server.address, timeouts: ClientTimeouts(request: .milliseconds(50)))
      await Rig.expect(.deadlineExceeded, ["0.05"]) {
        try await api.get(GetRequest(), from: Rig.collection, in: Rig.path)
      }
      await api.shutdown()
    }
    try await ScriptedServer.run([.bytes(half), .bytes(half)]) { (server) async throws in
      let api = Rig.api(server.address, attempts: 2)
      await Rig.expect(.unavailable, ["broke"]) {
        try await api.get(GetRequest(), from: Rig.collection, in: Rig.path)
      }
      #expect(server.lines.count == 2)
      await api.shutdown()
    }
  }

  // MARK: Cancellation

  @Test("A cancelled task ends its request: aborted here, CancellationError of a client")
  func cancelled() async throws {
    try await ScriptedServer.run([.hang, .hang]) { (server) async throws in
      let api = Rig.api(server.address)
      let request = Task { try await api.count(Rig.collection, in: Rig.path) }
      await server.wait(for: 1)
      request.cancel()
      await Rig.expect(.aborted, ["cancelled"]) { try await request.value }
      let client = Client(api)
      let heartbeat = Task { try await client.heartbeat() }
      await server.wait(for: 2)
      heartbeat.cancel()
      await #expect(throws: CancellationError.self) { try await heartbeat.value }
      await api.shutdown()
    }
  }

  @Test("A cancelled task ends its wait for another attempt, and a client begins nothing for it")
  func cancelledWait() async throws {
    try await ScriptedServer.run([.answer(503, Rig.unavailable)]) { (server) async throws in
      let (waiting, began) = AsyncStream.makeStream(of: Void.self)
      let exchange = HTTPExchange(
        server.address, token: nil, retry: RetryPolicy(), timeouts: ClientTimeouts(), maxAnswerBytes: 1000,
        logger: silent,
        sleep: { _ in
          began.yield()
          try await Task.sleep(for: .seconds(3600))
        })
      let client = Client(HTTPAPI(exchange))
      let task = Task { try await client.heartbeat() }
      for await _ in waiting { break }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      let late = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await client.heartbeat()
      }
      await #expect(throws: CancellationError.self) { try await late.value }
      #expect(server.lines.count == 1)
      await exchange.shutdown()
    }
  }
}
