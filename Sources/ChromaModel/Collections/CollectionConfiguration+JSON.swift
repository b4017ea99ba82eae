extension ConfigurationRequest {
  /// The `configuration` of a create request, as `init(json:)` reads it.
  package var json: JSONValue {
    var members: [String: JSONValue] = [:]
    let space = space.map { JSONValue.string($0.rawValue) }
    if hasSpann { members["spann"] = .object(["space": space].compactMapValues { $0 }) }
    if hnsw != nil || (space != nil && !hasSpann) {
      guard case .object(var fields) = (hnsw ?? HNSWSettings()).json else { return .object(members) }
      fields["space"] = space
      members["hnsw"] = .object(fields)
    }
    members["embedding_function"] = embeddingFunction?.json
    return .object(members)
  }
}

extension ConfigurationUpdate {
  /// The `new_configuration` of an update request, as `init(json:)` reads it.
  package var json: JSONValue {
    var members: [String: JSONValue] = [:]
    members["hnsw"] = hnsw?.json
    members["embedding_function"] = embeddingFunction?.json
    return .object(members)
  }
}
