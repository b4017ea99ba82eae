import ChromaAccess
import ChromaModel
import Hummingbird

extension Route {
  static let memory = Route(
    .get, "/api/v2/admin/memory", .action(.memory),
    "Bytes in memory: of the process, of requests, and of each open collection by kind"
  ) { call in
    guard let memory = call.configuration.memory else {
      throw ChromaError(.failedPrecondition, "This server does not know what its memory goes into")
    }
    return Response(try await memory.memory().json(bodiesInFlight: call.gate.bytesInFlight))
  }
}
