import ChromaModel
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
  /// A whole JSON text.
  init(_ json: JSONWriter, status: HTTPResponse.Status = .ok) {
    self.init(status: status, jsonBytes: ByteBuffer(bytes: json.bytes))
  }

  init(_ json: JSONValue, status: HTTPResponse.Status = .ok) {
    var writer = JSONWriter()
    writer.write(json)
    self.init(writer, status: status)
  }

  /// What Chroma's servers answer to an error: always with both members.
  init(_ error: ChromaError) {
    self.init(
      ["error": .string(error.code.wireName), "message": .string(error.message)],
      status: HTTPResponse.Status(code: error.code.httpStatus))
  }

  init(status: HTTPResponse.Status = .ok, jsonBytes: ByteBuffer) {
    self.init(
      status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: jsonBytes))
  }
}
