import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// An answer of server-sent events.
enum EventStream {
  /// - Parameter produce: sends events until it returns. What it throws becomes the event `error`.
  static func response(
    _ logger: Logger,
    _ produce:
      @escaping @Sendable (_ send: (String, any Encodable & Sendable) async throws -> Void) async throws -> Void
  ) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
        // nginx would hold events back.
        .accelBuffering: "no",
      ],
      body: ResponseBody { writer in
        do {
          try await produce { name, value in try await writer.write(try Self.event(name, value)) }
        } catch let error where !(error is CancellationError) {
          let known = WebError(error)
          if known == nil { logger.error("Request failed midway", metadata: ["error": "\(error)"]) }
          let message = known?.message ?? "Something went wrong here; the log has more"
          try await writer.write(try Self.event("error", Wire.Problem(message: message)))
        }
        try await writer.finish(nil)
      })
  }

  private static func event(_ name: String, _ value: any Encodable & Sendable) throws -> ByteBuffer {
    var buffer = ByteBuffer(string: "event: \(name)\ndata: ")
    buffer.writeImmutableBuffer(try JSONAnswer.encode(value))
    buffer.writeString("\n\n")
    return buffer
  }
}

extension HTTPField.Name {
  static let accelBuffering = HTTPField.Name("X-Accel-Buffering") ?? .cacheControl
}
