import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A chat model behind OpenAI's protocol.
struct ChatModel: Sendable {
  let settings: ChatSettings
  let http: HTTPClient

  /// Bytes of an answer that is not streamed, and of an error's explanation.
  private static let maximumBody = 1 << 20

  /// The answer piece by piece.
  ///
  /// - Throws: ``ChatError`` when the model refuses, answers something else than the protocol, says nothing for longer than
  ///   `settings.patience`, or ends before it said that it ends.
  func stream(_ messages: [ChatMessage], piece: (String) async throws -> Void) async throws {
    let response = try await send(messages, stream: true)
    var parser = EventStreamParser()
    var isDone = false
    var said = false
    do {
      try await Patience.forEach(response.body, seconds: settings.patience) { buffer in
        for data in try parser.feed(buffer.readableBytesView) {
          if data == "[DONE]" {
            isDone = true
            continue
          }
          guard let chunk = try? JSONDecoder().decode(Chunk.self, from: Data(data.utf8)) else {
            throw ChatError("the chat model sent something that is not its protocol")
          }
          if let message = chunk.error?.message { throw ChatError("the chat model failed: \(message.prefix(300))") }
          guard let choice = chunk.choices?.first else { continue }
          if let text = choice.delta?.content, !text.isEmpty {
            said = true
            try await piece(text)
          }
          if choice.finishReason != nil { isDone = true }
        }
        return !isDone
      }
    } catch let error as Patience.RanOut {
      throw ChatError("the chat model said nothing for \(error.seconds) s")
    } catch is EventStreamParser.TooLong {
      throw ChatError("the chat model sent an event without end")
    } catch let error as HTTPClientError {
      throw ChatError("the connection to the chat model broke: \(error.shortDescription)")
    }
    guard isDone else { throw ChatError("the chat model's answer was cut off") }
    guard said else { throw ChatError("the chat model gave an empty answer") }
  }

  /// The answer at once.
  func complete(_ messages: [ChatMessage]) async throws -> String {
    let response = try await send(messages, stream: false)
    var body = ByteBuffer()
    do {
      try await Patience.forEach(response.body, seconds: settings.patience) { buffer in
        body.writeImmutableBuffer(buffer)
        return body.readableBytes <= Self.maximumBody
      }
    } catch let error as Patience.RanOut {
      throw ChatError("the chat model said nothing for \(error.seconds) s")
    }
    guard let answer = try? JSONDecoder().decode(Chunk.self, from: Data(body.readableBytesView)),
      let text = answer.choices?.first?.message?.content
    else { throw ChatError("the chat model sent something that is not its protocol") }
    return text
  }

  private func send(_ messages: [ChatMessage], stream: Bool) async throws -> HTTPClientResponse {
    var request = HTTPClientRequest(url: settings.base + "/chat/completions")
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/json")
    request.headers.add(name: "Accept", value: stream ? "text/event-stream" : "application/json")
    if let key = settings.key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
    let body = Request(model: settings.model, messages: messages, stream: stream, temperature: 0)
    request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
    let response: HTTPClientResponse
    do {
      response = try await http.execute(request, timeout: .seconds(Int64(settings.patience)))
    } catch let error as HTTPClientError {
      throw ChatError("the chat model cannot be reached: \(error.shortDescription)")
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw ChatError("the chat model cannot be reached: nobody answers at \(settings.base)")
    }
    guard response.status == .ok else {
      throw ChatError("the chat model answered \(response.status.code)\(await Self.reason(response))")
    }
    return response
  }

  private static func reason(_ response: HTTPClientResponse) async -> String {
    guard let body = try? await response.body.collect(upTo: maximumBody),
      let message = try? JSONDecoder().decode(Chunk.self, from: Data(body.readableBytesView)).error?.message
    else { return "" }
    return ": \(message.prefix(300))"
  }

  private struct Request: Encodable {
    var model: String
    var messages: [ChatMessage]
    var stream: Bool
    var temperature: Double
  }

  /// An event of a stream, a whole answer, or an error: each has some of the fields.
  private struct Chunk: Decodable {
    struct Text: Decodable { var content: String? }
    struct Choice: Decodable {
      var delta: Text?
      var message: Text?
      var finishReason: String?

      enum CodingKeys: String, CodingKey {
        case delta, message
        case finishReason = "finish_reason"
      }
    }
    struct Failure: Decodable { var message: String? }

    var choices: [Choice]?
    var error: Failure?
  }
}
