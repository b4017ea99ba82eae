/// The `configuration` of a create request.
public struct ConfigurationRequest: Sendable, Hashable {
  public var space: Space?
  /// `nil` when the request has no `hnsw` object.
  public var hnsw: HNSWSettings?
  /// The request has a `spann` object. One machine serves it from the graph: only its space is used.
  public var hasSpann = false
  public var embeddingFunction: EmbeddingFunctionDescription?

  public init() {}

  public init(json: JSONValue, at path: String = "configuration") throws(ChromaError) {
    let reader = try ShapeReader(json, at: path, expecting: "CollectionConfiguration")
    if let hnsw = reader.value("hnsw") {
      let fields = try ShapeReader(hnsw, at: reader.path("hnsw"), expecting: "HnswConfiguration")
      try fields.allow(only: ["space"] + HNSWSettings.fieldNames)
      space = try fields.space("space")
      self.hnsw = try HNSWSettings(fields)
    }
    if let spann = reader.value("spann") {
      let fields = try ShapeReader(spann, at: reader.path("spann"), expecting: "SpannConfiguration")
      try fields.allow(only: Self.spannFields)
      for name in Self.spannFields where name != "space" { _ = try fields.number(name) }
      guard self.hnsw == nil else { throw .invalid("Multiple vector index configurations provided") }
      space = try fields.space("space")
      hasSpann = true
    }
    embeddingFunction = try reader.embeddingFunction("embedding_function")
  }

  static let spannFields = [
    "search_nprobe", "write_nprobe", "space", "ef_construction", "ef_search", "max_neighbors",
    "reassign_neighbor_count", "split_threshold", "merge_threshold",
  ]

  /// Nothing but defaults: then the settings in legacy metadata count.
  var hasDefaultIndex: Bool { !hasSpann && (space ?? .l2) == .l2 && (hnsw?.isDefault ?? true) }
}

/// The `new_configuration` of an update request: only what can change on an existing index.
public struct ConfigurationUpdate: Sendable, Hashable {
  public var hnsw: HNSWSettings?
  public var embeddingFunction: EmbeddingFunctionDescription?

  public init() {}

  public init(json: JSONValue, at path: String = "new_configuration") throws(ChromaError) {
    let reader = try ShapeReader(json, at: path, expecting: "UpdateCollectionConfiguration")
    let spann = reader.value("spann")
    if let hnsw = reader.value("hnsw") {
      let fields = try ShapeReader(hnsw, at: reader.path("hnsw"), expecting: "UpdateHnswConfiguration")
      try fields.allow(only: HNSWSettings.fieldNames.filter { $0 != "ef_construction" })
      self.hnsw = try HNSWSettings(fields)
      guard spann == nil else { throw .invalid("Multiple vector index configurations provided") }
    }
    if let spann {
      let fields = try ShapeReader(spann, at: reader.path("spann"), expecting: "UpdateSpannConfiguration")
      try fields.allow(only: ["search_nprobe", "ef_search"])
    }
    embeddingFunction = try reader.embeddingFunction("embedding_function")
  }
}

/// Index settings in a collection's metadata, as clients before 1.0 gave them (`hnsw:space`, `hnsw:M`, …).
struct LegacyIndexMetadata {
  var space: Space?
  var hnsw = HNSWSettings()

  init(_ metadata: Metadata) throws(ChromaError) {
    let problem = ChromaError.invalid("Failed to parse hnsw parameters from segment metadata")
    for (key, value) in metadata where key.hasPrefix("hnsw:") {
      switch (key, value) {
      case ("hnsw:space", .string(let text)):
        guard let named = Space(rawValue: text) else { throw problem }
        space = named
      case ("hnsw:construction_ef", .int(let whole)): hnsw.efConstruction = try Self.count(whole, 0, problem)
      case ("hnsw:search_ef", .int(let whole)): hnsw.efSearch = try Self.count(whole, 0, problem)
      case ("hnsw:M", .int(let whole)): hnsw.maxNeighbors = try Self.count(whole, 0, problem)
      case ("hnsw:num_threads", .int(let whole)): hnsw.numThreads = try Self.count(whole, 0, problem)
      case ("hnsw:batch_size", .int(let whole)): hnsw.batchSize = try Self.count(whole, 2, problem)
      case ("hnsw:sync_threshold", .int(let whole)): hnsw.syncThreshold = try Self.count(whole, 2, problem)
      case ("hnsw:resize_factor", .int(let whole)): hnsw.resizeFactor = Double(whole)
      case ("hnsw:resize_factor", .float(let number)): hnsw.resizeFactor = number
      default: throw problem
      }
    }
  }

  private static func count(_ whole: Int64, _ minimum: Int64, _ problem: ChromaError) throws(ChromaError) -> Int {
    guard whole >= minimum, let count = Int(exactly: whole) else { throw problem }
    return count
  }
}
