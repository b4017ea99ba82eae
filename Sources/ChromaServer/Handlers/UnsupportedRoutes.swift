import ChromaAccess
import ChromaModel
import Hummingbird

extension Route {
  /// What Chroma's single-node server knows and refuses, refused in its words.
  static let unsupported: [Route] = [
    refusal(
      .post, "/fork", .action(.forkCollection), "Copies a collection",
      ChromaError(.unimplemented, "Collection forking is unsupported for local chroma")),
    refusal(
      .get, "/fork_count", .action(.countForks), "How often a collection was copied",
      ChromaError(.unimplemented, "Count forks is unsupported for local chroma")),
    refusal(
      .post, "/search", .action(.search), "Ranked search",
      ChromaError(
        .unimplemented,
        "Error executing plan: Not implemented: Search operation is not implemented for local executor")),
    refusal(
      .post, "/functions/attach", .action(.createAttachedFunction), "Attaches a function",
      ChromaError(
        .unimplemented,
        "Tonic error: code: 'Operation is not implemented or not supported', message: "
          + "\"Attached Function operations not yet implemented in SqliteSysDb\"")),
    refusal(
      .get, "/functions/{function}", .action(.getCollection), "An attached function",
      ChromaError(.notFound, "Attached function not found")),
    refusal(
      .post, "/attached_functions/{function}/detach", .action(.removeAttachedFunction),
      "Detaches a function",
      ChromaError(
        .unimplemented,
        "Tonic error: code: 'Operation is not implemented or not supported', message: \"Not implemented\"")),
  ]

  private static func refusal(
    _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ summary: String, _ error: ChromaError
  ) -> Route {
    Route(method, RoutePattern(RoutePattern.collection + path), access, summary + " (not served)") { call in
      _ = try call.collectionID()
      throw error
    }
  }
}
