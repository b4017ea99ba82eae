import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
  /// The body as JSON.
  ///
  /// - Throws: ``WebError`` saying what is wrong with it.
  func decode<Value: Decodable>(_ type: Value.Type, upTo limit: Int) async throws -> Value {
    let buffer: ByteBuffer
    do {
      buffer = try await body.collect(upTo: limit)
    } catch is NIOTooManyBytesError {
      throw WebError.tooMuch("The body is larger than \(limit >> 10) KB")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
    } catch DecodingError.keyNotFound(let key, _) {
      throw WebError.badRequest("\(key.stringValue) is missing")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw WebError.badRequest("\(path.isEmpty ? "The body" : path) is of another kind than it should be")
    } catch {
      throw WebError.badRequest("The body is not JSON")
    }
  }
}
