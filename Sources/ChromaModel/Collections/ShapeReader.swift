/// Reads the members of a JSON object by type, with errors that carry the path, in the words of Chroma's server.
struct ShapeReader {
  let path: String
  let members: [String: JSONValue]

  init(_ json: JSONValue, at path: String, expecting what: String) throws(ChromaError) {
    guard case .object(let members) = json else {
      throw .shape(path, "invalid type: \(json.kind), expected struct \(what)")
    }
    self.path = path
    self.members = members
  }

  func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The member, or `nil` when it is absent or null.
  func value(_ keys: String...) -> JSONValue? {
    for key in keys {
      if let value = members[key], !value.isNull { return value }
    }
    return nil
  }

  func allow(only known: [String]) throws(ChromaError) {
    for key in members.keys.sorted() where !known.contains(key) {
      let list = known.map { "`\($0)`" }.joined(separator: ", ")
      throw .shape(path, "unknown field `\(key)`, expected one of \(list)")
    }
  }

  func string(_ key: String) throws(ChromaError) -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else {
      throw .shape(path(key), "invalid type: \(value.kind), expected a string")
    }
    return text
  }

  func bool(_ key: String) throws(ChromaError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .bool(let flag) = value else {
      throw .shape(path(key), "invalid type: \(value.kind), expected a boolean")
    }
    return flag
  }

  /// A whole number that is not negative.
  func count(_ key: String) throws(ChromaError) -> Int? {
    guard let value = value(key) else { return nil }
    guard case .int(let whole) = value else {
      throw .shape(path(key), "invalid type: \(value.kind), expected usize")
    }
    guard let count = Int(exactly: whole), count >= 0 else {
      throw .shape(path(key), "invalid value: integer `\(whole)`, expected usize")
    }
    return count
  }

  func number(_ key: String) throws(ChromaError) -> Double? {
    switch value(key) {
    case nil: return nil
    case .int(let whole)?: return Double(whole)
    case .double(let number)?: return number
    case let other?: throw .shape(path(key), "invalid type: \(other.kind), expected f64")
    }
  }

  func space(_ key: String) throws(ChromaError) -> Space? {
    guard let text = try string(key) else { return nil }
    guard let space = Space(rawValue: text) else {
      throw .shape(path(key), "unknown variant `\(text)`, expected one of `l2`, `cosine`, `ip`")
    }
    return space
  }

  func embeddingFunction(_ key: String) throws(ChromaError) -> EmbeddingFunctionDescription? {
    guard let value = value(key) else { return nil }
    return try EmbeddingFunctionDescription(json: value, at: path(key))
  }
}

extension EmbeddingFunctionDescription {
  init(json: JSONValue, at path: String) throws(ChromaError) {
    let reader = try ShapeReader(json, at: path, expecting: "EmbeddingFunctionConfiguration")
    switch try reader.string("type") {
    case "legacy"?: self = .legacy
    case "unknown"?: self = .unknown
    case "known"?:
      guard let name = try reader.string("name") else { throw .shape(path, "missing field `name`") }
      guard let configuration = reader.members["config"] else { throw .shape(path, "missing field `config`") }
      self = .known(name: name, configuration: configuration)
    case let type?:
      throw .shape(reader.path("type"), "unknown variant `\(type)`, expected one of `legacy`, `known`, `unknown`")
    case nil: throw .shape(path, "missing field `type`")
    }
  }

  public var json: JSONValue {
    switch self {
    case .legacy: ["type": "legacy"]
    case .unknown: ["type": "unknown"]
    case .known(let name, let configuration): ["type": "known", "name": .string(name), "config": configuration]
    }
  }
}

extension HNSWSettings {
  /// Wire names of the settings a caller may give.
  static let fieldNames = [
    "ef_construction", "max_neighbors", "ef_search", "num_threads", "batch_size", "sync_threshold", "resize_factor",
  ]

  init(_ reader: ShapeReader) throws(ChromaError) {
    self.init()
    efConstruction = try reader.count("ef_construction")
    maxNeighbors = try reader.count("max_neighbors")
    efSearch = try reader.count("ef_search")
    numThreads = try reader.count("num_threads")
    batchSize = try reader.count("batch_size")
    syncThreshold = try reader.count("sync_threshold")
    resizeFactor = try reader.number("resize_factor")
  }
}
