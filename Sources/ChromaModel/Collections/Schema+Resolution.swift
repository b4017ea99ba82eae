extension Schema {
  /// The schema of a new collection: what the request's schema, configuration and legacy metadata come to together.
  ///
  /// - Throws: `invalidArgument` when they contradict one another or a rule of the schema.
  public static func resolve(
    schema: Schema?, configuration: ConfigurationRequest?, metadata: Metadata?
  ) throws(ChromaError) -> Schema {
    var configuration = configuration ?? ConfigurationRequest()
    let legacy = try LegacyIndexMetadata((configuration.hasDefaultIndex ? metadata : nil) ?? [:])
    if configuration.hasDefaultIndex {
      configuration.space = legacy.space ?? configuration.space
      configuration.hnsw = legacy.hnsw.over(configuration.hnsw ?? HNSWSettings())
    }
    let configurationIsDefault =
      configuration.hasDefaultIndex && (configuration.embeddingFunction?.isDefault ?? true)

    if let schema, !schema.isDefault {
      guard configurationIsDefault else {
        throw .invalid(
          "Failed to reconcile schema: Cannot set both collection config and schema simultaneously")
      }
      if let problem = schema.problem { throw .invalid("Validation error: schema: \(problem)") }
      if let problem = schema.reconciliationProblem { throw .invalid("Failed to reconcile schema: \(problem)") }
      return schema.overlaid(on: .standard)
    }
    var resolved = schema.map { $0.overlaid(on: .standard) } ?? .standard
    if let key = schema?.encryptionKey { resolved.encryptionKey = key }
    resolved.place(configuration)
    return resolved
  }

  /// Puts the configuration's space, settings and embedding function in both places of the dense index.
  private mutating func place(_ configuration: ConfigurationRequest) {
    func change(_ index: inout VectorIndex?) {
      if let space = configuration.space { index?.space = space }
      if let hnsw = configuration.hnsw {
        let present = index?.hnsw ?? .defaults
        index?.hnsw = hnsw.over(present)
      }
      if let function = configuration.embeddingFunction { index?.embeddingFunction = function }
    }
    change(&defaults.vector)
    change(&keys[Self.embeddingKey, default: ValueTypes()].vector)
  }

  /// Says nothing that ``standard`` does not say.
  var isDefault: Bool {
    func isDefault(_ index: VectorIndex?, enabled: Bool) -> Bool {
      guard let index else { return true }
      return index.isEnabled == enabled && (index.space ?? .l2) == .l2 && (index.hnsw?.isDefault ?? true)
        && !index.hasSpann && (index.embeddingFunction?.isDefault ?? true)
        && (index.sourceKey ?? Self.documentKey) == Self.documentKey
    }
    func isDefault(_ index: SparseIndex?) -> Bool {
      guard let index else { return true }
      return !index.isEnabled && (index.embeddingFunction?.isDefault ?? true) && index.sourceKey == nil
        && (index.bm25 ?? false) == false && index.algorithm == nil
    }
    func isStandard(_ types: ValueTypes, _ standard: ValueTypes, vectorEnabled: Bool) -> Bool {
      func same(_ flag: Bool?, _ other: Bool?) -> Bool { flag == nil || flag == other }
      return same(types.fullText, standard.fullText) && same(types.string, standard.string)
        && same(types.int, standard.int) && same(types.float, standard.float) && same(types.bool, standard.bool)
        && isDefault(types.vector, enabled: vectorEnabled) && isDefault(types.sparse)
    }
    guard isStandard(defaults, Schema.standard.defaults, vectorEnabled: false) else { return false }
    for (key, types) in keys {
      guard let standard = Schema.standard.keys[key], isStandard(types, standard, vectorEnabled: true) else {
        return false
      }
    }
    return true
  }

  /// This schema where it speaks, `base` elsewhere.
  func overlaid(on base: Schema) -> Schema {
    var merged = base
    merged.defaults = defaults.overlaid(on: base.defaults)
    for (key, types) in keys { merged.keys[key] = base.keys[key].map { types.overlaid(on: $0) } ?? types }
    merged.encryptionKey = encryptionKey ?? base.encryptionKey
    // The dense index is declared in two places; what the user said of one holds for the other unless said there too.
    if let embedding = merged.keys[Self.embeddingKey]?.vector, keys[Self.embeddingKey]?.vector == nil,
      let given = defaults.vector
    {
      var vector = embedding
      vector.space = given.space ?? vector.space
      vector.embeddingFunction = given.embeddingFunction ?? vector.embeddingFunction
      vector.hnsw = given.hnsw.map { $0.over(vector.hnsw ?? .defaults) } ?? vector.hnsw
      merged.keys[Self.embeddingKey]?.vector = vector
    }
    return merged
  }
}

extension Schema.ValueTypes {
  func overlaid(on base: Schema.ValueTypes) -> Schema.ValueTypes {
    var merged = base
    merged.fullText = fullText ?? base.fullText
    merged.string = string ?? base.string
    merged.int = int ?? base.int
    merged.float = float ?? base.float
    merged.bool = bool ?? base.bool
    if let vector {
      merged.vector = Schema.VectorIndex(
        isEnabled: vector.isEnabled, space: vector.space ?? base.vector?.space,
        embeddingFunction: vector.embeddingFunction ?? base.vector?.embeddingFunction,
        sourceKey: vector.sourceKey ?? base.vector?.sourceKey,
        hnsw: (vector.hnsw ?? HNSWSettings()).over(base.vector?.hnsw ?? .defaults))
    }
    if let sparse {
      merged.sparse = Schema.SparseIndex(
        isEnabled: sparse.isEnabled, embeddingFunction: sparse.embeddingFunction ?? base.sparse?.embeddingFunction,
        sourceKey: sparse.sourceKey ?? base.sparse?.sourceKey, bm25: sparse.bm25 ?? base.sparse?.bm25,
        algorithm: sparse.algorithm ?? base.sparse?.algorithm)
    }
    return merged
  }
}
