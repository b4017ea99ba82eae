import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A chat model behind OpenAI's protocol.
struct ChatModel: Sendable {
  let settings: ChatSettings
  let http: HTTPClient

  /// Connections for a model, to be shut down by whoever asks for them.
  static func connections(patience: Int) -> HTTPClient {
    // `Patience` ends a wait; the connection's own limit is behind it.
    var configuration = HTTPClient.Configuration(
      timeout: .init(connect: .seconds(5), read: .seconds(Int64(patience) + 5)))
    // A model that is not there is replaced at once.
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

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
    // What the reader of the pieces throws is its own, not the model's.
    var readerFailure: (any Error)?
    do {
      try await Patience.forEach(response.body, seconds: settings.patience) { buffer in
        for data in try parser.feed(buffer.readableBytesView) {
          if data == "[DONE]" {
            isDone = true
            continue
          }
          let (text, ends) = try Self.read(data)
          if let text {
            said = true
            do {
              try await piece(text)
            } catch {
              readerFailure = error
              throw error
            }
          }
          if ends { isDone = true }
        }
        return !isDone
      }
    } catch {
      throw readerFailure ?? Self.chatError(error)
    }
    guard isDone else { throw ChatError("the chat model's answer was cut off") }
    guard said else { throw ChatError("the chat model gave an empty answer") }
  }

  /// The text of one event, and whether it is the last.
  private static func read(_ data: String) throws -> (text: String?, ends: Bool) {
    guard let chunk = try? JSONDecoder().decode(Chunk.self, from: Data(data.utf8)) else {
      throw ChatError("the chat model sent something that is not its protocol")
    }
    if let message = chunk.error?.message { throw ChatError("the chat model failed: \(message.prefix(300))") }
    let choice = chunk.choices?.first
    let text = choice?.delta?.content
    return (text?.isEmpty == false ? text : nil, choice?.finishReason != nil)
  }

  /// What reading an answer throws, in words. Connections break in many ways; all of them mean that there is no answer.
  private static func chatError(_ error: any Error) -> any Error {
    switch error {
    case is CancellationError, is ChatError: error
    case let error as Patience.RanOut: ChatError("the chat model said nothing for \(error.seconds) s")
    case is EventStreamParser.TooLong: ChatError("the chat model sent an event without end")
    default: ChatError("the connection to the chat model broke")
    }
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
    } catch {
      throw Self.chatError(error)
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
    } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
      throw ChatError("the chat model said nothing for \(settings.patience) s")
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
