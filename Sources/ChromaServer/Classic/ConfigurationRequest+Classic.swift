import ChromaModel

extension ConfigurationRequest {
  /// Reads `configuration` as clients from 0.5.4 to 0.6.3 send it: `{"hnsw_configuration": {…}, "_type": …}`.
  ///
  /// Those clients fill in their defaults, which are not a choice: left in, they would go before the `hnsw:*` keys of
  /// the collection's metadata.
  /// - Throws: `unprocessable` for what does not fit, under the names of API v2.
  init(classic json: JSONValue) throws(ChromaError) {
    guard case .object(let members) = json, members["hnsw_configuration"] != nil || members["_type"] != nil else {
      try self.init(json: json)
      return
    }
    let given: [String: JSONValue]
    switch members["hnsw_configuration"] {
    case nil, .null?: given = [:]
    case .object(let settings)?: given = settings
    case let other?: throw .shape("configuration.hnsw_configuration", "invalid type: \(other.kind), expected a map")
    }
    var settings: [String: JSONValue] = [:]
    for (name, value) in given where !Self.classicDefaults[name, default: []].contains(value) {
      settings[name == "M" ? "max_neighbors" : name] = value
    }
    settings["_type"] = nil
    try self.init(json: settings.isEmpty ? [:] : ["hnsw": .object(settings)])
  }

  /// Of their settings; `ef_search` was 10 until 0.5.23 and is 100 since.
  private static let classicDefaults: [String: [JSONValue]] = [
    "space": ["l2"], "ef_construction": [100], "ef_search": [10, 100], "M": [16], "resize_factor": [1.2],
    "batch_size": [100], "sync_threshold": [1000],
  ]
}
