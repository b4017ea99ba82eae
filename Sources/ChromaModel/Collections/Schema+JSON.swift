extension Schema {
  /// Reads a schema as a client sends it, or as it was stored.
  ///
  /// - Throws: `unprocessable` with the path of what does not fit.
  public init(json: JSONValue, at path: String = "schema") throws(ChromaError) {
    let reader = try ShapeReader(json, at: path, expecting: "Schema")
    guard let defaults = reader.value("defaults") else { throw .shape(path, "missing field `defaults`") }
    guard let keys = reader.value("keys", "key_overrides") else { throw .shape(path, "missing field `keys`") }
    let members = try ShapeReader(keys, at: reader.path("keys"), expecting: "map").members
    self.init(defaults: try ValueTypes(json: defaults, at: reader.path("defaults")))
    for (key, types) in members { self.keys[key] = try ValueTypes(json: types, at: "\(reader.path("keys")).\(key)") }
    encryptionKey = reader.value("cmek")
    guard reader.value("source_attached_function_id") == nil else {
      throw .invalid(
        "Validation error: schema: Cannot set source_attached_function_id. This field is reserved for system use.")
    }
  }

  public var json: JSONValue {
    var members: [String: JSONValue] = ["defaults": defaults.json, "keys": .object(keys.mapValues(\.json))]
    members["cmek"] = encryptionKey
    return .object(members)
  }
}

extension Schema.ValueTypes {
  init(json: JSONValue, at path: String) throws(ChromaError) {
    self.init()
    let reader = try ShapeReader(json, at: path, expecting: "ValueTypes")
    func type(_ name: String) throws(ChromaError) -> ShapeReader? {
      guard let value = reader.value(name, "#" + name) else { return nil }
      return try ShapeReader(value, at: reader.path(name), expecting: "ValueType")
    }
    if let string = try type("string") {
      fullText = try Self.index("fts_index", in: string, allowing: ["algorithm"])?.enabled
      self.string = try Self.index("string_inverted_index", in: string, allowing: [])?.enabled
    }
    if let int = try type("int") { self.int = try Self.index("int_inverted_index", in: int, allowing: [])?.enabled }
    if let float = try type("float") {
      self.float = try Self.index("float_inverted_index", in: float, allowing: [])?.enabled
    }
    if let bool = try type("bool") {
      self.bool = try Self.index("bool_inverted_index", in: bool, allowing: [])?.enabled
    }
    if let list = try type("float_list"),
      let index = try Self.index(
        "vector_index", in: list, allowing: ["space", "embedding_function", "source_key", "hnsw", "spann"])
    {
      let config = index.config
      var vector = Schema.VectorIndex(isEnabled: index.enabled)
      vector.space = try config.space("space")
      vector.embeddingFunction = try config.embeddingFunction("embedding_function")
      vector.sourceKey = try config.string("source_key")
      if let hnsw = config.value("hnsw") {
        let fields = try ShapeReader(hnsw, at: config.path("hnsw"), expecting: "HnswIndexConfig")
        try fields.allow(only: HNSWSettings.fieldNames)
        vector.hnsw = try HNSWSettings(fields)
      }
      vector.hasSpann = config.value("spann") != nil
      self.vector = vector
    }
    if let list = try type("sparse_vector"),
      let index = try Self.index(
        "sparse_vector_index", in: list, allowing: ["embedding_function", "source_key", "bm25", "algorithm"])
    {
      sparse = Schema.SparseIndex(
        isEnabled: index.enabled, embeddingFunction: try index.config.embeddingFunction("embedding_function"),
        sourceKey: try index.config.string("source_key"), bm25: try index.config.bool("bm25"))
      if let algorithm = try index.config.string("algorithm"), algorithm != "wand" { sparse?.algorithm = algorithm }
    }
  }

  private static func index(
    _ name: String, in type: ShapeReader, allowing fields: [String]
  ) throws(ChromaError) -> (enabled: Bool, config: ShapeReader)? {
    guard let value = type.value(name, "$" + name) else { return nil }
    let reader = try ShapeReader(value, at: type.path(name), expecting: "IndexType")
    guard let enabled = try reader.bool("enabled") else { throw .shape(reader.path, "missing field `enabled`") }
    guard let json = reader.value("config") else { throw .shape(reader.path, "missing field `config`") }
    let config = try ShapeReader(json, at: reader.path("config"), expecting: "IndexConfig")
    try config.allow(only: fields)
    return (enabled, config)
  }

  var json: JSONValue {
    func index(_ enabled: Bool?, _ config: JSONValue = [:]) -> JSONValue? {
      enabled.map { ["enabled": .bool($0), "config": config] }
    }
    func object(_ members: [String: JSONValue?]) -> JSONValue? {
      let present = members.compactMapValues { $0 }
      return present.isEmpty ? nil : .object(present)
    }
    let types: [String: JSONValue?] = [
      "string": object(["fts_index": index(fullText), "string_inverted_index": index(string)]),
      "float_list": object(["vector_index": vector.flatMap { index($0.isEnabled, $0.configJSON) }]),
      "sparse_vector": object(["sparse_vector_index": sparse.flatMap { index($0.isEnabled, $0.configJSON) }]),
      "int": object(["int_inverted_index": index(int)]),
      "float": object(["float_inverted_index": index(float)]),
      "bool": object(["bool_inverted_index": index(bool)]),
    ]
    return object(types) ?? [:]
  }
}

extension Schema.VectorIndex {
  fileprivate var configJSON: JSONValue {
    var members: [String: JSONValue] = [:]
    members["space"] = space.map { .string($0.rawValue) }
    members["embedding_function"] = embeddingFunction?.json
    members["source_key"] = sourceKey.map(JSONValue.string)
    members["hnsw"] = hnsw?.json
    return .object(members)
  }
}

extension Schema.SparseIndex {
  fileprivate var configJSON: JSONValue {
    var members: [String: JSONValue] = [:]
    members["embedding_function"] = embeddingFunction?.json
    members["source_key"] = sourceKey.map(JSONValue.string)
    members["bm25"] = bm25.map(JSONValue.bool)
    members["algorithm"] = algorithm.map(JSONValue.string)
    return .object(members)
  }
}

extension HNSWSettings {
  var json: JSONValue {
    var members: [String: JSONValue] = [:]
    members["ef_construction"] = efConstruction.map { .count($0) }
    members["max_neighbors"] = maxNeighbors.map { .count($0) }
    members["ef_search"] = efSearch.map { .count($0) }
    members["num_threads"] = numThreads.map { .count($0) }
    members["batch_size"] = batchSize.map { .count($0) }
    members["sync_threshold"] = syncThreshold.map { .count($0) }
    members["resize_factor"] = resizeFactor.map(JSONValue.double)
    return .object(members)
  }
}
