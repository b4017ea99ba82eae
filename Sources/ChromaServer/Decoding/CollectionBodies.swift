import ChromaModel

extension CreateCollectionRequest {
  init(from reader: inout BodyReader, _ dialect: Dialect = .modern) throws(ChromaError) {
    var request = CreateCollectionRequest(name: "")
    try reader.object(
      "CreateCollectionPayload", fields: ["name", "metadata", "configuration", "schema", "get_or_create"],
      required: ["name"]
    ) { (reader, field) throws(ChromaError) in
      switch field {
      case 0: request.name = try reader.string("name")
      case 1:
        request.metadata =
          try reader.takeNull()
          ? nil : try reader.metadata("metadata", allowsNullValues: false).compactMapValues { $0 }
      case 2:
        let value = try reader.value()
        guard !value.isNull else { return }
        request.configuration =
          dialect.isClassic ? try ConfigurationRequest(classic: value) : try ConfigurationRequest(json: value)
      case 3:
        let value = try reader.value()
        request.schema = value.isNull ? nil : try Schema(json: value)
      default: request.getOrCreate = try reader.bool("get_or_create")
      }
    }
    if let problem = plainProblem(request.metadata ?? [:]) {
      throw .invalid("Validation error: metadata: \(problem)")
    }
    self = request
  }
}

extension UpdateCollectionRequest {
  init(from reader: inout BodyReader) throws(ChromaError) {
    var request = UpdateCollectionRequest()
    try reader.object(
      "UpdateCollectionPayload", fields: ["new_name", "new_metadata", "new_configuration"], required: []
    ) { (reader, field) throws(ChromaError) in
      switch field {
      case 0: request.newName = try reader.takeNull() ? nil : try reader.string("new_name")
      case 1:
        request.newMetadata =
          try reader.takeNull() ? nil : try reader.metadata("new_metadata", allowsNullValues: true)
      default:
        let value = try reader.value()
        request.newConfiguration = value.isNull ? nil : try ConfigurationUpdate(json: value)
      }
    }
    if let problem = plainProblem((request.newMetadata ?? [:]).compactMapValues { $0 }) {
      throw .invalid("Validation error: new_metadata: \(problem)")
    }
    self = request
  }
}

/// A collection's metadata holds single values only. (Chroma's server drops the connection here.)
private func plainProblem(_ metadata: Metadata) -> String? {
  for (key, value) in metadata {
    switch value {
    case .bool, .int, .float, .string: continue
    case .bools, .ints, .floats, .strings, .sparseVector:
      return "The value of '\(key)' must be a bool, a number or a string"
    }
  }
  return nil
}

/// A body with one required string.
struct NamedBody: Sendable {
  let value: String

  init(_ type: String, field: String, from reader: inout BodyReader) throws(ChromaError) {
    var found = ""
    try reader.object(type, fields: [field], required: [field]) { (reader, _) throws(ChromaError) in
      found = try reader.string(field)
    }
    value = found
  }
}
