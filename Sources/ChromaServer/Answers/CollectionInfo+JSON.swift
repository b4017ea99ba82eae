import ChromaModel

extension CollectionInfo {
  /// The collection as API v2 shows it.
  var json: JSONValue {
    [
      "id": .string(id.description), "name": .string(name), "configuration_json": schema.configurationJSON,
      "schema": schema.json, "metadata": metadataJSON,
      "dimension": dimension.map { .int(Int64($0)) } ?? .null, "tenant": .string(path.tenant),
      "database": .string(path.database), "log_position": 0, "version": 0,
    ]
  }

  var metadataJSON: JSONValue { metadata.map { .object($0.mapValues(\.json)) } ?? .null }
}

extension Database {
  var json: JSONValue {
    ["id": .string(id.description), "name": .string(name), "tenant": .string(tenant)]
  }
}

extension Tenant {
  var json: JSONValue { ["name": .string(name), "resource_name": resourceName.map(JSONValue.string) ?? .null] }
}
