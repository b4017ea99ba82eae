/// How the distance between two vectors is measured.
public enum Space: String, Sendable, Hashable, CaseIterable {
  /// Sum of squared differences, no root.
  case l2
  /// 1 − cosine of the angle; 1 when either vector is zero.
  case cosine
  /// 1 − inner product.
  case ip
}

/// Settings of the graph index, each `nil` where the caller left it to the default.
public struct HNSWSettings: Sendable, Hashable {
  public var efConstruction: Int?
  public var efSearch: Int?
  public var maxNeighbors: Int?
  public var numThreads: Int?
  public var resizeFactor: Double?
  public var syncThreshold: Int?
  public var batchSize: Int?

  public init() {}

  /// Chroma's defaults; `numThreads` is this machine's number of processors.
  public static let defaults: HNSWSettings = {
    var settings = HNSWSettings()
    settings.efConstruction = 100
    settings.efSearch = 100
    settings.maxNeighbors = 16
    settings.numThreads = processorCount
    settings.resizeFactor = 1.2
    settings.syncThreshold = 1000
    settings.batchSize = 100
    return settings
  }()

  /// These settings where they are given, the other's elsewhere.
  public func over(_ other: HNSWSettings) -> HNSWSettings {
    var merged = other
    merged.efConstruction = efConstruction ?? other.efConstruction
    merged.efSearch = efSearch ?? other.efSearch
    merged.maxNeighbors = maxNeighbors ?? other.maxNeighbors
    merged.numThreads = numThreads ?? other.numThreads
    merged.resizeFactor = resizeFactor ?? other.resizeFactor
    merged.syncThreshold = syncThreshold ?? other.syncThreshold
    merged.batchSize = batchSize ?? other.batchSize
    return merged
  }

  /// Whether every setting given is the default one; the number of threads does not count.
  public var isDefault: Bool {
    var filled = over(.defaults)
    filled.numThreads = HNSWSettings.defaults.numThreads
    return filled == .defaults
  }
}

/// The client's embedding function as it describes itself: kept and echoed, never resolved, imported or run.
public enum EmbeddingFunctionDescription: Sendable, Hashable {
  case legacy
  case unknown
  case known(name: String, configuration: JSONValue)

  /// Unnamed, or the client's default: does not count as a choice.
  public var isDefault: Bool {
    switch self {
    case .legacy: false
    case .unknown: true
    case .known(let name, _): name == "default"
    }
  }
}
