extension Schema {
  /// What a user's schema may not say, in Chroma's words; `nil` when it is sound.
  var problem: String? {
    if defaults.vector?.isEnabled == true {
      return "Vector index cannot be enabled by default. It can only be enabled on \(Self.embeddingKey) field."
    }
    if defaults.sparse?.isEnabled == true {
      return "Sparse vector index cannot be enabled by default. Please enable sparse vector index on specific keys."
    }
    if defaults.fullText == true {
      return "Full text search / regular expression index cannot be enabled by default. It can only be enabled on "
        + "\(Self.documentKey) field."
    }
    if let vector = defaults.vector, vector.hnsw != nil, vector.hasSpann {
      return "Both spann and hnsw config cannot be present at the same time."
    }
    if let problem = defaults.sparseSourceProblem { return problem }
    for (key, types) in keys.sorted(by: { $0.key < $1.key }) {
      if let problem = types.problem(at: key) ?? types.sparseSourceProblem { return problem }
    }
    return nil
  }

  /// What one machine cannot index, in Chroma's words.
  var reconciliationProblem: String? {
    let settings = [defaults.vector?.hnsw, keys[Self.embeddingKey]?.vector?.hnsw]
    for case let hnsw? in settings {
      for (name, value) in [("batch_size", hnsw.batchSize), ("sync_threshold", hnsw.syncThreshold)] {
        if let value, value < 2 {
          return "Invalid HNSW configuration: \(name): Validation error: range [{\"min\": Number(2), "
            + "\"value\": Number(\(value))}]"
        }
      }
    }
    return keys.values.contains { $0.sparse?.isEnabled == true }
      ? "Invalid schema input: Sparse vector indexing is not enabled in local" : nil
  }
}

extension Schema.ValueTypes {
  fileprivate func problem(at key: String) -> String? {
    switch key {
    case Schema.documentKey:
      if string == true { return "String inverted index can not be enabled on #document key: \(key)" }
      if vector != nil || sparse != nil || int != nil || float != nil || bool != nil {
        return "Document field cannot have any value types other than string: \(key)"
      }
    case Schema.embeddingKey:
      if let source = vector?.sourceKey, source != Schema.documentKey {
        return "Vector index can only source from #document"
      }
      if fullText != nil || string != nil || sparse != nil || int != nil || float != nil || bool != nil {
        return "Embedding field cannot have any value types other than float_list: \(key)"
      }
    default:
      if key.hasPrefix("#") {
        return "key cannot begin with '#'. Keys starting with '#' are reserved for system use: \(key)"
      }
      if fullText == true {
        return "Full text search / regular expression index can only be enabled on #document field: \(key)"
      }
      if vector?.isEnabled == true { return "Vector index can only be enabled on #embedding field: \(key)" }
    }
    return nil
  }

  fileprivate var sparseSourceProblem: String? {
    if let sparse, let source = sparse.sourceKey {
      if source.hasPrefix("#"), source != Schema.documentKey {
        return "source_key cannot begin with '#'. The only valid key starting with '#' is Key.DOCUMENT or '#document'."
      }
      if sparse.isEnabled, sparse.embeddingFunction == nil {
        return "If source_key is provided then embedding_function must also be provided since there is no default "
          + "embedding function."
      }
    }
    return nil
  }
}
