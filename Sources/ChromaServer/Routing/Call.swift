import ChromaAccess
import ChromaModel
import HTTPTypes
import Hummingbird

/// One request on its way to its handler, with what the handler needs to answer it.
package struct Call: Sendable {
  let api: any ChromaAPI
  let configuration: ServerConfiguration
  let gate: RequestGate
  let request: Request
  let route: Route
  /// Raw text of the pattern's parameters, in order.
  let values: [Substring]
  let dialect: Dialect
  /// Where the request came from; empty where nobody wants to know.
  let address: String
  /// Takes what the body names, for the audit log where there is one.
  let named: NamedResource?
  /// Who sent it; `nil` where authentication is off, and on open routes.
  var identity: Identity?
  /// The tenant and database it is about.
  var place = Place()

  /// A parameter of the path, percent escapes resolved.
  func parameter(_ name: String) throws(ChromaError) -> String {
    guard let index = route.pattern.parameters.firstIndex(of: name), values.indices.contains(index) else {
      throw ChromaError(.internal, "The route has no such parameter", cause: "\(route.pattern) lacks {\(name)}")
    }
    guard let text = percentDecoded(values[index]) else {
      throw .invalid("Invalid URL: Invalid UTF-8 in `\(name)`")
    }
    return text
  }

  /// The tenant the request is about.
  func tenant() throws(ChromaError) -> String {
    guard let tenant = place.tenant else {
      throw ChromaError(.internal, "The route has no tenant", cause: "\(route.pattern) is about no tenant")
    }
    return tenant
  }

  /// The database the request is about.
  ///
  /// - Throws: `invalidArgument` when the database's name is shorter than three bytes.
  func database() throws(ChromaError) -> DatabasePath {
    let tenant = try tenant()
    guard let database = place.database else {
      throw ChromaError(.internal, "The route has no database", cause: "\(route.pattern) is about no database")
    }
    let path = DatabasePath(tenant: tenant, database: database)
    guard path.database.utf8.count >= 3 else { throw .invalid("database name must be at least 3 characters") }
    return path
  }

  /// `{collection_id}`.
  func collectionID() throws(ChromaError) -> Identifier {
    let text = try parameter("collection_id")
    guard let id = Identifier(text) else {
      throw .invalid("Collection ID is not a valid UUIDv4", about: .collectionID(text))
    }
    return id
  }

  func query() throws(ChromaError) -> QueryString { try QueryString(request.uri.query) }

  /// Bytes that are read in a few hundred microseconds. A body whose length was not said may be of any.
  var hasShortBody: Bool {
    if let length = request.headers[.contentLength] { return Int(length).map { $0 <= 64 << 10 } ?? false }
    return request.headers[.transferEncoding] == nil
  }

  /// Receives the body and reads it as one JSON text.
  ///
  /// - Throws: `unsupportedMediaType`, `payloadTooLarge`, `malformedJSON`, `unprocessable`, what `read` throws, and
  ///   ``BodyStreamFailure`` when the connection breaks.
  func decode<Value: Sendable>(
    _ read: (inout BodyReader) throws(ChromaError) -> Value
  ) async throws -> Value {
    try checkContentType()
    let body = try await RequestBodyBytes(
      request, limit: configuration.maxBodyBytes, reserving: gate)
    return try body.read(read)
  }

  /// Clients before 1.0 send no content type at all.
  private func checkContentType() throws(ChromaError) {
    guard let header = request.headers[.contentType] else { return }
    let essence = header.prefix { $0 != ";" }.trimmingSpaces().lowercased()
    guard essence == "application/json" || (essence.hasPrefix("application/") && essence.hasSuffix("+json")) else {
      throw ChromaError(.unsupportedMediaType, "Expected request with `Content-Type: application/json`")
    }
  }
}

extension Substring {
  fileprivate func trimmingSpaces() -> Substring {
    var trimmed = drop { $0 == " " || $0 == "\t" }
    while let last = trimmed.last, last == " " || last == "\t" { trimmed.removeLast() }
    return trimmed
  }
}
