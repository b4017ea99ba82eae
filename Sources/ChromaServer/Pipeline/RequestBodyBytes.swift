import ChromaModel
import HTTPTypes
import Hummingbird
import NIOCore

/// The connection broke while the body was on its way: nobody is left to answer.
struct BodyStreamFailure: Error {
  let underlying: any Error
}

/// A whole request body in one piece, with the zero bytes behind it that ``JSONCursor`` needs.
///
/// Each byte is copied once, from the socket's buffer; a body that was announced gets its room at once (pages nobody
/// has written to
/// cost nothing).
struct RequestBodyBytes: ~Copyable {
  private var buffer: ByteBuffer
  private let count: Int
  private let reserved: Int
  private let gate: RequestGate

  /// - Parameter limit: bytes; one more is refused, and the rest of the body is left on the connection.
  /// - Throws: `payloadTooLarge`, `unavailable`, ``BodyStreamFailure``.
  init(_ request: Request, limit: Int, reserving gate: RequestGate) async throws {
    let announced = request.headers[.contentLength].flatMap { Int($0) }
    if let announced, announced > limit { throw Self.tooLarge }
    // Grows with what has arrived, not with what is announced: whoever announces much and sends nothing takes nothing.
    var reservation = Reservation(gate: gate)
    var buffer = ByteBuffer()
    if let announced, announced >= 0 { buffer.reserveCapacity(announced + JSONCursor.slack) }
    do {
      for try await var part in request.body {
        guard part.readableBytes <= limit - buffer.readableBytes else { throw Self.tooLarge }
        try reservation.grow(to: buffer.readableBytes + part.readableBytes)
        buffer.writeBuffer(&part)
      }
    } catch let error as ChromaError {
      reservation.release()
      throw error
    } catch {
      reservation.release()
      throw BodyStreamFailure(underlying: error)
    }
    count = buffer.readableBytes
    buffer.writeRepeatingByte(0, count: JSONCursor.slack)
    self.buffer = buffer
    self.gate = gate
    reserved = reservation.bytes
  }

  deinit { gate.release(reserved) }

  private static let tooLarge = ChromaError(
    .payloadTooLarge, "Failed to buffer the request body: length limit exceeded")

  private struct Reservation {
    let gate: RequestGate
    var bytes = 0

    mutating func grow(to count: Int) throws(ChromaError) {
      guard count > bytes else { return }
      try gate.reserve(count - bytes)
      bytes = count
    }

    func release() { gate.release(bytes) }
  }

  /// Reads the bytes as one JSON text with nothing behind it.
  func read<Value>(_ read: (inout BodyReader) throws(ChromaError) -> Value) throws -> Value {
    try buffer.withUnsafeReadableBytes { bytes in
      let text = UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[..<count])
      guard let base = text.baseAddress else { throw ChromaError.notJSON("EOF while parsing a value") }
      var reader = BodyReader(base, count: count)
      let value = try read(&reader)
      try reader.end()
      return value
    }
  }
}
