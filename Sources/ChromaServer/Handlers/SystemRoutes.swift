import ChromaAccess
import ChromaModel
import HTTPTypes
import Hummingbird
import NIOCore

extension Route {
  static let system: [Route] = [
    Route(.get, "/api/v2", .open, "Nanoseconds since 1970", isExemptFromLimits: true, handler: heartbeat),
    Route(.get, "/api/v2/heartbeat", .open, "Nanoseconds since 1970", isExemptFromLimits: true, handler: heartbeat),
    Route(.get, "/api/v2/version", .open, "Version of the API", isExemptFromLimits: true) { call in
      Response(.string(call.configuration.version))
    },
    Route(
      .get, "/api/v2/healthcheck", .open, "Whether records can be read and written", isExemptFromLimits: true
    ) { call in
      let isReady = await call.api.isReady()
      var health: [String: JSONValue] = [
        "is_executor_ready": .bool(isReady), "is_log_client_ready": .bool(isReady),
      ]
      if let exposure = call.configuration.exposure { health["warning"] = .string(exposure) }
      return Response(
        .object(health),
        status: isReady ? .ok : .serviceUnavailable)
    },
    Route(.get, "/api/v2/pre-flight-checks", .open, "What clients should know before they write") { call in
      let size = try await call.api.maxBatchSize()
      return Response(["max_batch_size": .int(Int64(size)), "supports_base64_encoding": true])
    },
    Route(.get, "/api/v2/auth/identity", .recognized, "Who the client is") { call in
      guard let identity = call.identity else {
        return Response([
          "user_id": "", "tenant": .string(Tenant.defaultName), "databases": [.string(Database.defaultName)],
        ])
      }
      return Response([
        "user_id": .string(identity.userID), "tenant": .string(identity.tenant),
        "databases": .array(identity.databases.map(JSONValue.string)),
      ])
    },
    Route(.post, "/api/v2/reset", .action(.reset), "Removes everything, where that is allowed") { call in
      try await call.api.reset()
      return Response(true)
    },
    // Clients before 0.5.16. (That API is not served; the words are those of Chroma's server.)
    Route(nil, "/api/v1/{path...}", .open, "No longer served") { _ in
      Response(
        ["error": "Unimplemented", "message": "The v1 API is deprecated. Please use /v2 apis"], status: .gone)
    },
  ]

  @Sendable private static func heartbeat(_ call: Call) async throws -> Response {
    var writer = JSONWriter()
    writer.raw("{\"nanosecond heartbeat\":")
    writer.write(try await call.api.heartbeat())
    writer.raw("}")
    return Response(writer)
  }
}
