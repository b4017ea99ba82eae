import ChromaModel
import Synchronization
import Testing

@testable import ChromaClient

/// What tests of one API over HTTP share.
enum Rig {
  static let collection = Identifier(high: 1, low: 2)
  static let path = DatabasePath()
  static let records =
    "/api/v2/tenants/default_tenant/databases/default_database/collections/\(collection)"
  static let unavailable = #"{"error":"ChromaError","message":"busy"}"#
  static let empty = #"{"ids":[],"embeddings":null,"documents":[],"uris":null,"metadatas":[],"include":[]}"#
  static let preflight = #"{"max_batch_size":10,"supports_base64_encoding":true}"#
  static let batch = RecordBatch(ids: ["a"], embeddings: EmbeddingBatch([[1, 0]]))

  /// An API whose waits are written down instead.
  static func api(
    _ address: ServerAddress, attempts: Int = 4, waits: Waits = Waits(), token: String? = nil,
    timeouts: ClientTimeouts = ClientTimeouts(), maxAnswerBytes: Int = 1 << 20
  ) -> HTTPAPI {
    HTTPAPI(
      HTTPExchange(
        address, token: token.map(TokenHeader.authorization.field), retry: RetryPolicy(maxAttempts: attempts),
        timeouts: timeouts, maxAnswerBytes: maxAnswerBytes, logger: silent, sleep: { waits.append($0) }, random: { 0.5 }
      ))
  }

  final class Waits: Sendable {
    private let stored = Mutex<[Duration]>([])
    func append(_ wait: Duration) { stored.withLock { $0.append(wait) } }
    var list: [Duration] { stored.withLock { $0 } }
  }

  /// Expects an error of this code whose message holds all these words.
  static func expect<Value>(
    _ code: ChromaError.Code, _ words: [String], _ operation: () async throws -> Value,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async {
    do {
      Issue.record("it gave \(try await operation())", sourceLocation: sourceLocation)
    } catch let error as ChromaError {
      #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
      for word in words { #expect(error.message.contains(word), sourceLocation: sourceLocation) }
    } catch {
      Issue.record("\(error)", sourceLocation: sourceLocation)
    }
  }
}
