/// Which indexes a collection keeps for which metadata keys and types.
public struct Schema: Sendable, Hashable {
  /// For keys not named in ``keys``.
  public var defaults: ValueTypes
  /// Keys the user declared, and those seen in records since.
  public var keys: [String: ValueTypes]
  /// Customer-managed encryption key: kept, without effect.
  public var encryptionKey: JSONValue?

  public init(defaults: ValueTypes = ValueTypes(), keys: [String: ValueTypes] = [:], encryptionKey: JSONValue? = nil) {
    self.defaults = defaults
    self.keys = keys
    self.encryptionKey = encryptionKey
  }

  /// The key under which a record's embedding is declared.
  public static let embeddingKey = "#embedding"
  /// The key under which a record's document is declared.
  public static let documentKey = "#document"

  /// Index switches by value type; `nil` where nothing is said.
  public struct ValueTypes: Sendable, Hashable {
    public var fullText: Bool?
    public var string: Bool?
    public var vector: VectorIndex?
    public var sparse: SparseIndex?
    public var int: Bool?
    public var float: Bool?
    public var bool: Bool?

    public init() {}
  }

  public struct VectorIndex: Sendable, Hashable {
    public var isEnabled: Bool
    public var space: Space?
    public var embeddingFunction: EmbeddingFunctionDescription?
    public var sourceKey: String?
    public var hnsw: HNSWSettings?
    public var hasSpann: Bool

    public init(
      isEnabled: Bool, space: Space? = nil, embeddingFunction: EmbeddingFunctionDescription? = nil,
      sourceKey: String? = nil, hnsw: HNSWSettings? = nil, hasSpann: Bool = false
    ) {
      self.isEnabled = isEnabled
      self.space = space
      self.embeddingFunction = embeddingFunction
      self.sourceKey = sourceKey
      self.hnsw = hnsw
      self.hasSpann = hasSpann
    }
  }

  public struct SparseIndex: Sendable, Hashable {
    public var isEnabled: Bool
    public var embeddingFunction: EmbeddingFunctionDescription?
    public var sourceKey: String?
    public var bm25: Bool?
    /// Only when it is not the default, `wand`.
    public var algorithm: String?

    public init(
      isEnabled: Bool, embeddingFunction: EmbeddingFunctionDescription? = nil, sourceKey: String? = nil,
      bm25: Bool? = nil, algorithm: String? = nil
    ) {
      self.isEnabled = isEnabled
      self.embeddingFunction = embeddingFunction
      self.sourceKey = sourceKey
      self.bm25 = bm25
      self.algorithm = algorithm
    }
  }

  /// What a collection gets that declares nothing.
  public static let standard: Schema = {
    let vector = VectorIndex(isEnabled: false, space: .l2, hnsw: .defaults)
    var defaults = ValueTypes()
    defaults.fullText = false
    defaults.string = true
    defaults.vector = vector
    defaults.sparse = SparseIndex(isEnabled: false, embeddingFunction: .unknown, bm25: false)
    defaults.int = true
    defaults.float = true
    defaults.bool = true
    var embedding = ValueTypes()
    embedding.vector = vector
    embedding.vector?.isEnabled = true
    embedding.vector?.sourceKey = documentKey
    var document = ValueTypes()
    document.fullText = true
    document.string = false
    return Schema(defaults: defaults, keys: [embeddingKey: embedding, documentKey: document])
  }()

  /// The settings of the dense index, where every field is filled in.
  public var vectorIndex: VectorIndex {
    keys[Self.embeddingKey]?.vector ?? defaults.vector ?? VectorIndex(isEnabled: true, space: .l2, hnsw: .defaults)
  }

  public var space: Space { vectorIndex.space ?? .l2 }
  public var hnsw: HNSWSettings { (vectorIndex.hnsw ?? HNSWSettings()).over(.defaults) }

  /// The collection's `configuration_json`, which says the same in another shape.
  public var configurationJSON: JSONValue {
    let hnsw = hnsw
    return [
      "hnsw": [
        "space": .string(space.rawValue), "ef_construction": .count(hnsw.efConstruction),
        "ef_search": .count(hnsw.efSearch), "max_neighbors": .count(hnsw.maxNeighbors),
        "resize_factor": .double(hnsw.resizeFactor ?? 1.2), "sync_threshold": .count(hnsw.syncThreshold),
      ],
      "spann": .null,
      "embedding_function": vectorIndex.embeddingFunction?.json ?? .null,
    ]
  }

  /// Applies a configuration update to both places that hold the dense index's settings.
  public mutating func apply(_ update: ConfigurationUpdate) {
    func change(_ index: inout VectorIndex?) {
      if let hnsw = update.hnsw {
        let present = index?.hnsw ?? .defaults
        index?.hnsw = hnsw.over(present)
      }
      if let function = update.embeddingFunction { index?.embeddingFunction = function }
    }
    change(&defaults.vector)
    change(&keys[Self.embeddingKey, default: ValueTypes()].vector)
  }
}

extension JSONValue {
  static func count(_ count: Int?) -> JSONValue { count.map { .int(Int64($0)) } ?? .null }
}
