import ChromaModel

/// An answer that is JSON, but not what was asked for; says which member.
struct ShapeProblem: Error, Hashable {
  let member: String
}

extension Tenant {
  init(json: JSONValue) throws(ShapeProblem) {
    self.init(name: try json.text("name"))
    if case .string(let name)? = json["resource_name"] { resourceName = name }
  }
}

extension Database {
  init(json: JSONValue) throws(ShapeProblem) {
    self.init(id: try json.identifier("id"), name: try json.text("name"), tenant: try json.text("tenant"))
  }
}

extension CollectionInfo {
  init(json: JSONValue) throws(ShapeProblem) {
    self.init(
      id: try json.identifier("id"), name: try json.text("name"),
      path: DatabasePath(tenant: try json.text("tenant"), database: try json.text("database")), metadata: nil,
      dimension: nil, schema: .standard)
    if case .object(let members)? = json["metadata"] {
      var metadata: Metadata = [:]
      for (key, value) in members {
        guard let value = MetadataValue(json: value) else { throw ShapeProblem(member: "metadata.\(key)") }
        metadata[key] = value
      }
      self.metadata = metadata.isEmpty ? nil : metadata
    }
    if case .int(let whole)? = json["dimension"] { dimension = Int(exactly: whole) }
    // A server of another version may have no schema, or one with more in it; the configuration is older.
    if let schema = json["schema"].flatMap({ try? Schema(json: $0) }) {
      self.schema = schema
    } else if let index = json["configuration_json"]?["hnsw"], case .object = index {
      var hnsw = HNSWSettings()
      hnsw.efConstruction = index.count("ef_construction")
      hnsw.efSearch = index.count("ef_search")
      hnsw.maxNeighbors = index.count("max_neighbors")
      hnsw.syncThreshold = index.count("sync_threshold")
      schema.keys[Schema.embeddingKey]?.vector?.hnsw = hnsw.over(.defaults)
      if case .string(let name)? = index["space"] {
        schema.keys[Schema.embeddingKey]?.vector?.space = Space(rawValue: name)
      }
    }
  }
}

extension IndexingStatus {
  init(json: JSONValue) throws(ShapeProblem) {
    guard let indexed = json.count("num_indexed_ops") else { throw ShapeProblem(member: "num_indexed_ops") }
    guard let total = json.count("total_ops") else { throw ShapeProblem(member: "total_ops") }
    self.init(indexed: indexed, total: total)
  }
}

extension JSONValue {
  fileprivate func text(_ name: String) throws(ShapeProblem) -> String {
    guard case .string(let text)? = self[name] else { throw ShapeProblem(member: name) }
    return text
  }

  fileprivate func identifier(_ name: String) throws(ShapeProblem) -> Identifier {
    guard let id = Identifier(try text(name)) else { throw ShapeProblem(member: name) }
    return id
  }

  /// A whole number that is not negative.
  func count(_ name: String) -> Int? {
    guard case .int(let whole)? = self[name], whole >= 0 else { return nil }
    return Int(exactly: whole)
  }
}
