import HTTPTestSupport
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import myapp

@Suite("The chat model")
struct ChatModelTests {
  private static func model(_ base: String, key: String? = "secret", patience: Int = 60) throws -> ChatModel {
    var settings = try #require(try ChatSettings(Variables(["OPENAI_BASE_URL": base + "/v1", "OPENAI_MODEL": "m"])))
    settings.key = key
    settings.patience = patience
    return ChatModel(settings: settings, http: TestModel.connections)
  }

  private static let question = [ChatMessage(role: .user, content: "Why?")]

  private static func chunk(_ text: String) -> String {
    #"data: {"choices":[{"delta":{"content":"\#(text)"}}]}"# + "\n\n"
  }

  /// An answer in parts, each sent for itself; `then` happens before the end.
  private static func stream(
    _ parts: [String], then: @escaping @Sendable () async throws -> Void = {}
  ) -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/event-stream"],
      body: ResponseBody { writer in
        for part in parts { try await writer.write(ByteBuffer(string: part)) }
        try await then()
        try await writer.finish(nil)
      })
  }

  private func pieces(_ answer: @escaping @Sendable () -> Response) async throws -> [String] {
    try await StandInServer.run({ _, _ in answer() }) { (server) async throws in
      var pieces: [String] = []
      try await Self.model(server.url).stream(Self.question) { pieces.append($0) }
      #expect(server.asked[0].target == "/v1/chat/completions")
      #expect(server.asked[0].headers[.authorization] == "Bearer secret")
      #expect(server.asked[0].body.contains(#""stream":true"#) && server.asked[0].body.contains(#""model":"m""#))
      return pieces
    }
  }

  @Test("An answer comes piece by piece")
  func answers() async throws {
    let pieces = try await pieces {
      Self.stream([Self.chunk("Be"), Self.chunk("cause"), "data: [DONE]\n\n"])
    }
    #expect(pieces == ["Be", "cause"])
    // Some services end with a reason and no mark.
    let other = try await self.pieces {
      Self.stream([Self.chunk("So"), #"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"# + "\n\n"])
    }
    #expect(other == ["So"])
  }

  @Test(
    "What is no answer is an error in words",
    arguments: [
      (["data: {\"choices\":[{\"delta\n\n"], "protocol"), ([ChatModelTests.chunk("Be")], "cut off"),
      (["data: {\"error\":{\"message\":\"overloaded\"}}\n\n"], "overloaded"), (["data: [DONE]\n\n"], "empty"),
    ])
  func failures(parts: [String], words: String) async throws {
    let error = await #expect(throws: ChatError.self) { try await pieces { Self.stream(parts) } }
    #expect(error?.description.contains(words) ?? false, "\(error?.description ?? "")")
  }

  @Test("A refusal says what the service says of it", arguments: [500, 429, 401])
  func refusals(code: Int) async throws {
    let error = await #expect(throws: ChatError.self) {
      try await pieces { .text(#"{"error":{"message":"not today"}}"#, status: .init(code: code)) }
    }
    #expect(error?.description.contains("\(code): not today") ?? false)
  }

  @Test("Who says nothing for too long is not waited for, before the answer or within it")
  func hangs() async throws {
    for parts in [[], [Self.chunk("Well")]] {
      let (never, end) = AsyncStream.makeStream(of: Void.self)
      let error = await #expect(throws: ChatError.self) {
        try await StandInServer.run({ _, _ in Self.stream(parts) { for await _ in never { break } } }) {
          (server) async throws in
          try await Self.model(server.url, patience: 1).stream(Self.question) { _ in }
        }
      }
      #expect(error?.description.contains("1 s") ?? false, "\(error?.description ?? "")")
      end.finish()
    }
  }

  @Test("Nobody there is an error with the address")
  func unreachable() async throws {
    let error = await #expect(throws: ChatError.self) {
      try await Self.model("http://127.0.0.1:1").stream(Self.question) { _ in }
    }
    #expect(error?.description.contains("cannot be reached") ?? false)
  }

  @Test("A whole answer, and one that is none")
  func complete() async throws {
    let whole = #"{"choices":[{"message":{"content":"How do bees sleep?"}}]}"#
    try await StandInServer.run({ _, number in .text(number == 0 ? whole : "<html>") }) { (server) async throws in
      let model = try Self.model(server.url, key: nil)
      #expect(try await model.complete(Self.question) == "How do bees sleep?")
      #expect(server.asked[0].headers[.authorization] == nil)
      await #expect(throws: ChatError.self) { try await model.complete(Self.question) }
    }
  }
}
