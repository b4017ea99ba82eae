import ChromaAccess
import ChromaModel
import HTTPTypes
import Hummingbird
import NIOCore

extension Route {
  static let system: [Route] = [
    heartbeat.at("/api/v2"), heartbeat, version,
    Route(
      .get, "/api/v2/healthcheck", .open, "Whether records can be read and written", isExemptFromLimits: true
    ) { call in
      let isReady = await call.api.isReady()
      var health: [String: JSONValue] = [
        "is_executor_ready": .bool(isReady), "is_log_client_ready": .bool(isReady),
      ]
      if let exposure = call.configuration.exposure { health["warning"] = .string(exposure) }
      var response = Response(.object(health), status: isReady ? .ok : .serviceUnavailable)
      if !isReady { response.headers[.retryAfter] = "1" }
      return response
    },
    preFlightChecks,
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
    reset,
  ]

  static let heartbeat = Route(
    .get, "/api/v2/heartbeat", .open, "Nanoseconds since 1970", isExemptFromLimits: true, isBrief: true
  ) { call in
    var writer = JSONWriter()
    writer.raw("{\"nanosecond heartbeat\":")
    writer.write(try await call.api.heartbeat())
    writer.raw("}")
    return Response(writer)
  }

  static let version = Route(
    .get, "/api/v2/version", .open, "Version of the API", isExemptFromLimits: true
  ) { call in
    Response(.string(call.configuration.version))
  }

  static let preFlightChecks = Route(
    .get, "/api/v2/pre-flight-checks", .open, "What clients should know before they write"
  ) { call in
    let size = JSONValue.int(Int64(try await call.api.maxBatchSize()))
    return Response(
      call.dialect.isClassic
        ? ["max_batch_size": size] : ["max_batch_size": size, "supports_base64_encoding": true])
  }

  static let reset = Route(
    .post, "/api/v2/reset", .action(.reset), "Removes everything, where that is allowed"
  ) { call in
    try await call.api.reset()
    return Response(true)
  }
}
