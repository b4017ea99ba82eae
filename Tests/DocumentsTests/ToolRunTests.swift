import Foundation
import Testing

@testable import Documents

@Suite("Running programs")
struct ToolRunTests {
  private func run(
    _ script: String, bytes: Int = 1000, seconds: Double = 20
  ) async throws(DocumentError) -> ToolRun.Output {
    let file = try PrivateFile(Array("content".utf8), name: "file")
    return try await ToolRun.run(
      "/bin/sh", ["-c", script, "sh", file.path], on: file, bounds: .init(bytes: bytes, seconds: seconds), what: "file")
  }

  @Test("What it says comes back with its status")
  func output() async throws {
    let output = try await run("cat \"$1\"; echo problem >&2; exit 3")
    #expect(String(decoding: output.bytes, as: UTF8.self) == "content")
    #expect(output.messages == "problem\n")
    #expect(output.status == 3)
  }

  @Test("One that takes too long is killed")
  func timeout() async {
    let time = await ContinuousClock().measure {
      await #expect(throws: DocumentError.timedOut(tool: "sh", seconds: 0.3)) {
        try await run("exec sleep 60", seconds: 0.3)
      }
    }
    #expect(time < .seconds(50))
  }

  @Test("One that says too much is killed")
  func tooMuch() async {
    await #expect(throws: DocumentError.tooLarge(what: "the text in file", limit: 1000, unit: "bytes")) {
      try await run("exec yes")
    }
  }

  @Test("One is killed with the task that waits for it")
  func cancellation() async {
    let task = Task { try await run("exec sleep 60", seconds: 60) }
    try? await Task.sleep(for: .milliseconds(200))
    let time = await ContinuousClock().measure {
      task.cancel()
      await #expect(throws: DocumentError.failed(reason: "reading file was cancelled")) { try await task.value }
    }
    #expect(time < .seconds(50))
  }

  @Test("Its file is private, and gone afterwards")
  func privateFile() throws {
    var path = ""
    do {
      let file = try PrivateFile([1, 2, 3], name: "file")
      path = file.path
      let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
      let mode = try FileManager.default.attributesOfItem(atPath: directory)[.posixPermissions] as? Int
      #expect(mode == 0o700)
      #expect(FileManager.default.contents(atPath: path) == Data([1, 2, 3]))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
