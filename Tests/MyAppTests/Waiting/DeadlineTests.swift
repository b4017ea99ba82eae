import Testing

@testable import myapp

@Suite("Work that may take only so long")
struct DeadlineTests {
  @Test("What ends in time gives its value or its error, what does not is given up and cancelled")
  func deadlines() async throws {
    #expect(try await Deadline.run(seconds: 60) { 7 } == 7)
    struct Broken: Error {}
    await #expect(throws: Broken.self) { try await Deadline.run(seconds: 60) { throw Broken() } }
    let (never, end) = AsyncStream.makeStream(of: Void.self)
    await #expect(throws: Deadline.Passed.self) {
      // Ends by being cancelled, and by nothing else.
      try await Deadline.run(seconds: 0.01) { for await _ in never {} }
    }
    end.finish()
  }
}
