import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

enum JSONAnswer {
  static func encode(_ value: some Encodable) throws -> ByteBuffer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    return ByteBuffer(bytes: try encoder.encode(value))
  }

  static func response(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    Response(
      status: status,
      headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: try encode(value)))
  }

  static func failure(_ error: WebError) -> Response {
    let body = Wire.Failure(error: .init(code: error.code, message: error.message))
    var response = (try? response(body, status: error.status)) ?? Response(status: error.status)
    if error.status == .serviceUnavailable || error.status == .tooManyRequests { response.headers[.retryAfter] = "2" }
    if error.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer realm=\"myapp\"" }
    return response
  }
}
