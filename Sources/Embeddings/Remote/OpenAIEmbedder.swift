#if canImport(AsyncHTTPClient)
  import AsyncHTTPClient
  import ChromaModel
  import Foundation
  import NIOCore
  import NIOHTTP1

  /// Embeddings from whoever speaks OpenAI's `/v1/embeddings`: OpenAI, Ollama, vLLM, Text Embeddings Inference.
  ///
  /// Texts go out in batches, one after another. A batch that cannot be delivered, or is answered 408, 429 or 5xx, is sent
  /// again, three times at most, with growing pauses or after what `Retry-After` says.
  public final class OpenAIEmbedder: EmbeddingFunction {
    public let name: String
    public let dimension: Int
    private let endpoint: Endpoint

    /// - Parameters:
    ///   - baseURL: up to and with the version: `https://api.openai.com/v1`, `http://localhost:11434/v1`.
    ///   - key: sent as a bearer token.
    ///   - dimension: length of the vectors; `nil` asks the service by embedding one word.
    ///   - batchSize: texts in one request.
    ///   - timeout: seconds until an answer begins, for each request.
    /// - Throws: ``EmbeddingError``, or `CancellationError`.
    public init(
      baseURL: String, key: String? = nil, model: String, dimension: Int? = nil, batchSize: Int = 64,
      timeout: Int64 = 60
    ) async throws {
      let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
      endpoint = Endpoint(
        url: base + "/embeddings", key: key, model: model, batchSize: max(batchSize, 1), timeout: timeout)
      name = model
      if let dimension {
        self.dimension = dimension
      } else {
        self.dimension = try await endpoint.vectors(["dimension"], dimension: nil).dimension
      }
    }

    public func embed(_ texts: [String]) async throws -> EmbeddingBatch {
      var batch = EmbeddingBatch(dimension: dimension, values: [])
      for start in stride(from: 0, to: texts.count, by: endpoint.batchSize) {
        try Task.checkCancellation()
        let part = Array(texts[start..<min(start + endpoint.batchSize, texts.count)])
        batch.values += try await endpoint.vectors(part, dimension: dimension).values
      }
      return batch
    }
  }

  extension OpenAIEmbedder {
    private struct Endpoint: Sendable {
      var url: String
      var key: String?
      var model: String
      var batchSize: Int
      var timeout: Int64
      var connections = Connections()

      static let attempts = 4
      /// Bytes of an answer: 64 vectors of 8,192 numbers as text are 12 MB.
      static let maximumBody = 256 << 20

      /// - Throws: `.service` unless the answer holds one vector of the dimension for each text.
      func vectors(_ texts: [String], dimension: Int?) async throws -> EmbeddingBatch {
        let body = try JSONEncoder().encode(Request(model: model, input: texts))
        let bytes = try await send(body)
        guard let answer = try? JSONDecoder().decode(Answer.self, from: bytes) else {
          throw problem("the answer is not the embeddings protocol")
        }
        // In the order of `index`, which services may not keep.
        let rows = answer.data.sorted { ($0.index ?? 0) < ($1.index ?? 0) }.map(\.embedding)
        guard rows.count == texts.count else {
          throw problem("\(texts.count) texts were sent, \(rows.count) vectors came")
        }
        let width = dimension ?? rows.first?.count ?? 0
        guard width > 0, rows.allSatisfy({ $0.count == width }) else {
          throw problem(
            "vectors of \(rows.map(\.count).first { $0 != width } ?? 0) numbers came, \(width) were expected")
        }
        guard rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
          throw problem("a vector holds something that is no number")
        }
        return EmbeddingBatch(dimension: width, values: rows.flatMap(\.self))
      }

      private func send(_ body: Data) async throws -> Data {
        var last = problem("no answer")
        for attempt in 0..<Self.attempts {
          var pause = Double(1 << attempt) * 0.25 * Double.random(in: 0.5...1)
          do {
            let response = try await connections.client.execute(request(body), timeout: .seconds(timeout))
            if response.status == .ok {
              return Data(try await response.body.collect(upTo: Self.maximumBody).readableBytesView)
            }
            let reason = try? await response.body.collect(upTo: 1 << 16)
            let text = reason.map { String(decoding: $0.readableBytesView.prefix(300), as: UTF8.self) } ?? ""
            last = problem("answered \(response.status.code) \(text)")
            guard [408, 429, 500, 502, 503, 504].contains(response.status.code) else { throw last }
            if let wait = response.headers.first(name: "Retry-After").flatMap({ Int($0) }) {
              pause = Double(min(max(wait, 0), 20))
            }
          } catch let error as EmbeddingError {
            throw error
          } catch is CancellationError {
            throw CancellationError()
          } catch {
            last = problem((error as? HTTPClientError)?.shortDescription ?? "cannot be reached")
          }
          guard attempt < Self.attempts - 1 else { break }
          try await Task.sleep(for: .seconds(pause))
        }
        throw last
      }

      private func request(_ body: Data) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
      }

      private func problem(_ reason: String) -> EmbeddingError { .service(url: url, reason: reason) }
    }

    /// Ends with whoever holds it.
    private final class Connections: Sendable {
      let client: HTTPClient

      init() {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(5)))
        // Repeating is done here, and ends.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
      }

      deinit { client.shutdown { _ in } }
    }

    private struct Request: Encodable {
      var model: String
      var input: [String]
    }

    private struct Answer: Decodable {
      struct Row: Decodable {
        var embedding: [Float]
        var index: Int?
      }
      var data: [Row]
    }
  }
#endif
