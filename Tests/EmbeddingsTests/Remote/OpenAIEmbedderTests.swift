#if canImport(HTTPTestSupport)
  import ChromaModel
  import Foundation
  import HTTPTestSupport
  import HTTPTypes
  import Hummingbird
  import Testing

  @testable import Embeddings

  @Suite("Embeddings over OpenAI's protocol")
  struct OpenAIEmbedderTests {
    /// Vectors that tell their text: its length, and its place in the request; given out of order.
    private static func answer(_ asked: StandInServer.Asked) throws -> Response {
      struct Body: Decodable { var input: [String] }
      let input = try JSONDecoder().decode(Body.self, from: Data(asked.body.utf8)).input
      let rows = input.enumerated().map { place, text in
        #"{"object":"embedding","index":\#(place),"embedding":[\#(text.utf8.count),\#(place).5]}"#
      }
      return .text(#"{"object":"list","data":[\#(rows.reversed().joined(separator: ","))]}"#)
    }

    @Test("Texts go out in batches with the key, and vectors come back in their order")
    func batches() async throws {
      try await StandInServer.run({ asked, _ in try Self.answer(asked) }) { server in
        let embedder = try await OpenAIEmbedder(baseURL: server.url + "/v1/", key: "k", model: "m", batchSize: 2)
        #expect(embedder.dimension == 2)
        let batch = try await embedder.embed(["a", "bb", "ccc"])
        #expect(batch.values == [1, 0.5, 2, 1.5, 3, 0.5])
        #expect(server.asked.count == 3, "one to learn the dimension, two batches")
        #expect(server.asked.allSatisfy { $0.target == "/v1/embeddings" && $0.headers[.authorization] == "Bearer k" })
        #expect(server.asked[1].body.contains(#""model":"m""#))
        #expect(try await embedder.embed([]).values.isEmpty)
      }
    }

    @Test("A service that is busy for a moment is asked again, one that refuses is not")
    func retries() async throws {
      try await StandInServer.run({ asked, number in
        number == 0 ? .text("later", status: .tooManyRequests, headers: [.retryAfter: "0"]) : try Self.answer(asked)
      }) { server in
        let embedder = try await OpenAIEmbedder(baseURL: server.url, model: "m", dimension: 2)
        #expect(try await embedder.embed(["a"]).values == [1, 0.5])
        #expect(server.asked.count == 2)
      }
      try await StandInServer.run({ _, _ in .text(#"{"error":{"message":"no such model"}}"#, status: .notFound) }) {
        server in
        let error = await #expect(throws: EmbeddingError.self) {
          try await OpenAIEmbedder(baseURL: server.url, model: "m")
        }
        #expect(error?.description.contains("404") ?? false)
        #expect(error?.description.contains("no such model") ?? false)
        #expect(server.asked.count == 1)
      }
    }

    @Test(
      "Answers that are not what was asked for are errors that say so",
      arguments: [
        ("<html>", "not the embeddings protocol"), (#"{"data":[]}"#, "0 vectors came"),
        (#"{"data":[{"index":0,"embedding":[1,2,3]}]}"#, "3 numbers came"),
        (#"{"data":[{"index":0,"embedding":[1,"x"]}]}"#, "not the embeddings protocol"),
      ])
    func wrongAnswers(answer: String, words: String) async throws {
      try await StandInServer.run({ _, _ in .text(answer) }) { server in
        let embedder = try await OpenAIEmbedder(baseURL: server.url, model: "m", dimension: 2)
        let error = await #expect(throws: EmbeddingError.self) { try await embedder.embed(["a"]) }
        #expect(error?.description.contains(words) ?? false, "\(error?.description ?? "")")
      }
    }

    @Test("Nobody listening is an error with the address")
    func unreachable() async throws {
      let error = await #expect(throws: EmbeddingError.self) {
        try await OpenAIEmbedder(baseURL: "http://127.0.0.1:1/v1", model: "m")
      }
      #expect(error?.description.contains("http://127.0.0.1:1/v1/embeddings") ?? false)
    }
  }
#endif
