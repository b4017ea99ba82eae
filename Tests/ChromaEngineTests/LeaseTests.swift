import ChromaModel
import ChromaTestSupport
import Foundation
import Testing

@testable import ChromaEngine

@Suite("Two engines on one directory")
struct LeaseTests {
  @Test("The second is refused at once, by the first one's name")
  func refused() async throws {
    let directory = try TemporaryDirectory()
    let first = try await Engine.open(at: directory.path)
    let refusal = await #expect(throws: ChromaError.self) { _ = try await Engine.open(at: directory.path) }
    #expect(refusal?.code == .unavailable)
    #expect(refusal?.message.contains("is in use by process") == true)
    await first.close()
  }

  @Test("The second waits, says so, and finds what the first one wrote")
  func handedOver() async throws {
    let directory = try TemporaryDirectory()
    let first = try await Engine.open(at: directory.path)
    let (reports, report) = AsyncStream<String>.makeStream()
    let waiting = Task {
      var configuration = EngineConfiguration()
      configuration.leaseWait = .seconds(60)
      return try await Engine.open(at: directory.path, configuration: configuration) { report.yield($0) }
    }
    var sentences = reports.makeAsyncIterator()
    #expect(await sentences.next()?.contains("is in use by process") == true)
    try await first.createTenant("written_by_the_first")
    await first.close()
    let second = try await waiting.value
    #expect(try await second.tenant("written_by_the_first").name == "written_by_the_first")
    await second.close()
  }

  @Test("Waiting ends with the task")
  func cancelled() async throws {
    let directory = try TemporaryDirectory()
    let first = try await Engine.open(at: directory.path)
    let (reports, report) = AsyncStream<String>.makeStream()
    let waiting = Task {
      var configuration = EngineConfiguration()
      configuration.leaseWait = .seconds(600)
      _ = try await Engine.open(at: directory.path, configuration: configuration) { report.yield($0) }
    }
    var sentences = reports.makeAsyncIterator()
    _ = await sentences.next()
    waiting.cancel()
    let failure = await #expect(throws: ChromaError.self) { try await waiting.value }
    #expect(failure?.code == .aborted)
    await first.close()
  }

  @Test("An engine that was overridden stores nothing more and says so once")
  func overridden() async throws {
    let directory = try TemporaryDirectory()
    let (losses, loss) = AsyncStream<Void>.makeStream()
    var configuration = EngineConfiguration()
    configuration.whenDirectoryIsLost = { loss.yield() }
    let engine = try await Engine.open(at: directory.path, configuration: configuration)
    try await engine.createTenant("before")
    let other = "lease 00000000000000000000000000000000\nrenewed 00000000000000001\nprocess 2 on elsewhere\n"
    try other.write(toFile: directory.path + "/LOCK", atomically: false, encoding: .utf8)
    let failure = await #expect(throws: ChromaError.self) { try await engine.createTenant("after") }
    #expect(failure?.code == .unavailable)
    var iterator = losses.makeAsyncIterator()
    #expect(await iterator.next() != nil)
    await engine.close()
    #expect(try String(contentsOfFile: directory.path + "/LOCK", encoding: .utf8) == other)
  }
}
