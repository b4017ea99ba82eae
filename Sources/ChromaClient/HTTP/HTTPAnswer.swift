import AsyncHTTPClient
import ChromaModel
import NIOCore
import NIOHTTP1

/// An answer, whole.
struct HTTPAnswer: Sendable {
  var status: Int
  var headers: HTTPHeaders
  /// The body, with ``JSONCursor/slack`` zeros behind it.
  private let padded: [UInt8]
  /// Of the body.
  let count: Int

  /// Whether the body begins as Chroma's answers of failure do.
  var isObject: Bool { count > 0 && padded[0] == UInt8(ascii: "{") }

  /// Receives the body.
  ///
  /// - Throws: ``HTTPFailure/tooLong(limit:)``, and what the connection throws.
  init(_ response: HTTPClientResponse, limit: Int) async throws {
    status = Int(response.status.code)
    headers = response.headers
    var bytes: [UInt8] = []
    // What the head announces is only a hint: it may be a lie, or the length of something compressed.
    let announced = response.headers.first(name: "content-length").flatMap(Int.init) ?? 0
    bytes.reserveCapacity(min(max(announced, 0), limit, 1 << 24) + JSONCursor.slack)
    for try await part in response.body {
      guard part.readableBytes <= limit - bytes.count else { throw HTTPFailure.tooLong(limit: limit) }
      bytes.append(contentsOf: part.readableBytesView)
    }
    count = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: JSONCursor.slack))
    padded = bytes
  }

  init(status: Int, headers: HTTPHeaders = [:], body: [UInt8]) {
    self.status = status
    self.headers = headers
    padded = body + [UInt8](repeating: 0, count: JSONCursor.slack)
    count = body.count
  }

  /// Runs `read` on the body and expects nothing behind what it takes.
  func json<Value>(_ read: (inout JSONCursor) throws(JSONError) -> Value) throws(JSONError) -> Value {
    try padded.withUnsafeBufferPointer { (buffer) throws(JSONError) -> Value in
      guard let base = buffer.baseAddress else { throw JSONError(offset: 0, reason: "no body") }
      var cursor = JSONCursor(base, count: count)
      let value = try read(&cursor)
      try cursor.end()
      return value
    }
  }

  func value() throws(JSONError) -> JSONValue {
    try json { (cursor) throws(JSONError) in try cursor.value() }
  }

  /// How the body begins, on one line, for messages about what it should not be.
  var excerpt: String {
    let text = String(decoding: padded.prefix(min(count, 200)), as: UTF8.self)
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.isEmpty ? "nothing" : String(line.prefix(120)) + (count > 120 ? "…" : "")
  }

  /// Where a redirect leads.
  var location: String? { headers.first(name: "location") }

  /// How long the server wants to be left alone. (A date in `Retry-After` is taken for none: clocks differ.)
  var retryAfter: Duration? {
    headers.first(name: "retry-after").flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds(min($0, 86_400)) : nil }
  }
}
