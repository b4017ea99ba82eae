import ChromaTestSupport
import Testing

@testable import myapp

@Suite("Reading server-sent events")
struct EventStreamParserTests {
  private static let stream =
    "event: x\ndata: {\"a\":1}\n\n: a comment\r\ndata:no space\r\n\r\ndata: two\ndata: lines\n\nid: 7\n\ndata: é👩‍👧\n\n"
  private static let events = ["{\"a\":1}", "no space", "two\nlines", "é👩‍👧"]

  @Test("However the bytes are cut, the events are the same")
  func anyCut() throws {
    var generator = SeededGenerator(seed: 20_261_121)
    let bytes = Array(Self.stream.utf8)
    for _ in 0..<500 {
      var parser = EventStreamParser()
      var events: [String] = []
      var start = 0
      while start < bytes.count {
        let end = min(start + Int.random(in: 1...12, using: &generator), bytes.count)
        events += try parser.feed(bytes[start..<end])
        start = end
      }
      #expect(events == Self.events)
    }
  }

  @Test("An event that is not complete is none, and one without end is refused")
  func ends() throws {
    var parser = EventStreamParser()
    #expect(try parser.feed(Array("data: half".utf8)).isEmpty)
    let long = [UInt8](repeating: 65, count: EventStreamParser.maximumSize + 1)
    #expect(throws: EventStreamParser.TooLong.self) { try parser.feed(long) }
  }
}
