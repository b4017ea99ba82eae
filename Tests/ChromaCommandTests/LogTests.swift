import Foundation
import Logging
import Synchronization
import Testing

@testable import chroma

@Suite struct LogTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
    var sink: LogSink { LogSink { line in self.all.withLock { $0.append(line) } } }
    var text: String { all.withLock { $0.joined() } }
  }

  private func logger(_ format: LineLogHandler.Format, _ lines: Lines) -> Logger {
    Logger(label: "chroma") { label in
      LineLogHandler(label: label, format: format, sink: lines.sink) {
        Timestamp(seconds: 1_795_205_517, milliseconds: 7)
      }
    }
  }

  @Test("A line for people has time, level, message and fields in order")
  func human() {
    let lines = Lines()
    var logger = logger(.human, lines)
    logger[metadataKey: "b"] = "two words"
    logger.warning("Look out", metadata: ["a": "1", "c": ""])
    logger.debug("not at this level")
    #expect(lines.text == "2026-11-20T20:11:57.007Z WARNING Look out  a=1 b=\"two words\" c=\"\"\n")
  }

  @Test("A message cannot forge a line")
  func forged() {
    let lines = Lines()
    logger(.human, lines).info("a\n2026 ERROR b\u{1b}[0m", metadata: ["k": "x\ny"])
    #expect(lines.text.filter { $0 == "\n" }.count == 1)
    #expect(!lines.text.contains("\u{1b}"))
  }

  @Test("A line for machines is one JSON object")
  func json() throws {
    let lines = Lines()
    logger(.json, lines).error(
      "It \"broke\"\n", metadata: ["level": "mine", "list": ["a", "b"], "map": ["k": "v"], "n": "\(3)"])
    #expect(lines.text.hasSuffix("}\n") && lines.text.dropLast().allSatisfy { $0 != "\n" })
    let object = try JSONSerialization.jsonObject(with: Data(lines.text.utf8)) as? [String: Any]
    #expect(object?["time"] as? String == "2026-11-20T20:11:57.007Z")
    #expect(object?["level"] as? String == "error")
    #expect(object?["_level"] as? String == "mine")
    #expect(object?["logger"] as? String == "chroma")
    #expect(object?["message"] as? String == "It \"broke\"\n")
    #expect(object?["list"] as? [String] == ["a", "b"])
    #expect(object?["map"] as? [String: String] == ["k": "v"])
  }

  @Test("A request's fields go before the logger's")
  func merging() {
    let lines = Lines()
    var logger = logger(.human, lines)
    logger[metadataKey: "k"] = "old"
    logger.info("x", metadata: ["k": "new"])
    #expect(lines.text.hasSuffix("k=new\n"))
  }
}
