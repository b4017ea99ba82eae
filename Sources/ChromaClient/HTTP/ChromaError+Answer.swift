import ChromaModel

extension ChromaError.Code {
  /// The code of an answer's status and `error`: the first of the table that has both, else the status alone.
  ///
  /// What shares its status and name with another cannot be told apart: `malformedJSON` comes back as `invalidArgument`.
  init(status: Int, wireName: String?) {
    let same = Self.all.filter { $0.httpStatus == status }
    if let code = same.first(where: { $0.wireName == wireName }) ?? same.first {
      self = code
      return
    }
    switch status {
    case 400..<500: self = .failedPrecondition
    case 502: self = .unavailable
    default: self = .internal
    }
  }
}

extension HTTPExchange {
  /// What the body says, where the status is one of success.
  ///
  /// - Throws: the error the body says otherwise; `internal` when it is not Chroma's.
  func read<Value>(
    _ call: HTTPCall, _ read: (inout JSONCursor) throws(JSONError) -> Value
  ) async throws(ChromaError) -> Value {
    let answer = try await send(call)
    guard (200..<300).contains(answer.status) else { throw error(answer, call) }
    do { return try answer.json(read) } catch { throw foreign(answer, call, error) }
  }

  func value(_ call: HTTPCall) async throws(ChromaError) -> JSONValue {
    try await read(call) { (cursor) throws(JSONError) in try cursor.value() }
  }

  /// Where nothing but success is of interest.
  func perform(_ call: HTTPCall) async throws(ChromaError) {
    try await read(call) { (cursor) throws(JSONError) in try cursor.skipValue() }
  }

  /// The status of one attempt; `nil` without an answer.
  func status(_ call: HTTPCall) async -> Int? { try? await send(call, maxAttempts: 1).status }

  /// The error an answer says.
  func error(_ answer: HTTPAnswer, _ call: HTTPCall) -> ChromaError {
    if (300..<400).contains(answer.status) {
      let target = answer.location ?? "nowhere"
      return ChromaError(
        .failedPrecondition,
        "\(address.url) redirects \(call) to \(target.prefix(200)) (\(answer.status)). "
          + "Redirects are not followed, since the token would go along: name the right host, port and scheme")
    }
    guard let body = try? answer.value(), case .object = body else { return foreign(answer, call, nil) }
    var name: String?
    if case .string(let text)? = body["error"] { name = text }
    let code = ChromaError.Code(status: answer.status, wireName: name)
    guard case .string(let message)? = body["message"] ?? body["detail"] else {
      return ChromaError(code, name ?? "status \(answer.status) without a message")
    }
    return ChromaError(code, message)
  }

  /// A body that no Chroma server sends: some proxy's page, say.
  func foreign(_ answer: HTTPAnswer, _ call: HTTPCall, _ problem: JSONError?) -> ChromaError {
    // A missing page is no missing collection.
    let code: ChromaError.Code =
      switch answer.status {
      case 403: .forbidden
      case 401, 413, 429, 502, 503, 504: ChromaError.Code(status: answer.status, wireName: nil)
      default: .internal
      }
    let reason = problem.map { " (\($0))" } ?? ""
    return ChromaError(
      code,
      "\(address.url) answered \(call) with status \(answer.status) and what is not "
        + "Chroma's JSON\(reason): \(answer.excerpt)")
  }
}
