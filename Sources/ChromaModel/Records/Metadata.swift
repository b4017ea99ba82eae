/// What a record or a collection says about itself: names to typed values.
public typealias Metadata = [String: MetadataValue]

/// Changes to a record's metadata, key by key: a value replaces, `nil` removes the key.
public typealias MetadataUpdate = [String: MetadataValue?]

/// One typed value. Whole numbers and fractions are stored apart and returned as they were given.
public enum MetadataValue: Sendable, Hashable {
  case bool(Bool)
  case int(Int64)
  case float(Double)
  case string(String)
  case bools([Bool])
  case ints([Int64])
  case floats([Double])
  case strings([String])
  case sparseVector(SparseVector)
}

/// Weights of a few of many dimensions.
public struct SparseVector: Sendable, Hashable {
  /// Ascending, without repeats.
  public var indices: [UInt32]
  /// One weight for each index.
  public var values: [Float]
  /// The words behind the indices, when the embedder gave them.
  public var tokens: [String]?

  public init(indices: [UInt32], values: [Float], tokens: [String]? = nil) {
    self.indices = indices
    self.values = values
    self.tokens = tokens
  }

  public var isWellFormed: Bool {
    indices.count == values.count && (tokens.map { $0.count == indices.count } ?? true)
      && zip(indices, indices.dropFirst()).allSatisfy { $0 < $1 }
  }
}

extension MetadataValue {
  /// Decodes the way Chroma's server does: the first kind that fits among bool, int, float, string, sparse vector and
  /// homogeneous arrays of the first four. `nil` when none does.
  ///
  /// An empty array is `.bools([])`, which is stored as nothing.
  public init?(json: JSONValue) {
    switch json {
    case .null: return nil
    case .bool(let flag): self = .bool(flag)
    case .int(let whole): self = .int(whole)
    case .double(let number): self = .float(number)
    case .string(let text): self = .string(text)
    case .object:
      guard let sparse = SparseVector(json: json) else { return nil }
      self = .sparseVector(sparse)
    case .array(let elements):
      guard let array = Self.array(elements) else { return nil }
      self = array
    }
  }

  private static func array(_ elements: [JSONValue]) -> MetadataValue? {
    switch elements.first {
    case nil: return .bools([])
    case .bool?:
      let flags = elements.compactMap { if case .bool(let flag) = $0 { flag } else { nil } }
      return flags.count == elements.count ? .bools(flags) : nil
    case .string?:
      let texts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
      return texts.count == elements.count ? .strings(texts) : nil
    case .int?, .double?:
      let wholes = elements.compactMap { if case .int(let whole) = $0 { whole } else { nil } }
      if wholes.count == elements.count { return .ints(wholes) }
      let numbers = elements.compactMap { element -> Double? in
        switch element {
        case .int(let whole): Double(whole)
        case .double(let number): number
        default: nil
        }
      }
      return numbers.count == elements.count ? .floats(numbers) : nil
    default: return nil
    }
  }

  public var json: JSONValue {
    switch self {
    case .bool(let flag): .bool(flag)
    case .int(let whole): .int(whole)
    case .float(let number): .double(number)
    case .string(let text): .string(text)
    case .bools(let flags): .array(flags.map(JSONValue.bool))
    case .ints(let wholes): .array(wholes.map(JSONValue.int))
    case .floats(let numbers): .array(numbers.map(JSONValue.double))
    case .strings(let texts): .array(texts.map(JSONValue.string))
    case .sparseVector(let sparse): sparse.json
    }
  }

  /// An empty array is accepted and stored as nothing: its key disappears.
  public var isEmptyArray: Bool {
    switch self {
    case .bools(let values): values.isEmpty
    case .ints(let values): values.isEmpty
    case .floats(let values): values.isEmpty
    case .strings(let values): values.isEmpty
    default: false
    }
  }
}

extension SparseVector {
  /// `{"indices":[…],"values":[…],"tokens"?:[…],"#type"?:"sparse_vector"}`; `nil` for anything else.
  /// Whether it is well formed is another question.
  init?(json: JSONValue) {
    guard case .array(let indices)? = json["indices"], case .array(let values)? = json["values"] else { return nil }
    if let type = json["#type"], type != .string("sparse_vector") { return nil }
    self.init(indices: [], values: [])
    for index in indices {
      guard case .int(let whole) = index, let narrow = UInt32(exactly: whole) else { return nil }
      self.indices.append(narrow)
    }
    for value in values {
      switch value {
      case .int(let whole): self.values.append(Float(whole))
      case .double(let number): self.values.append(Float(number))
      default: return nil
      }
    }
    switch json["tokens"] {
    case nil, .null?: break
    case .array(let tokens)?:
      let texts = tokens.compactMap { if case .string(let text) = $0 { text } else { nil } }
      guard texts.count == tokens.count else { return nil }
      self.tokens = texts
    default: return nil
    }
  }

  var json: JSONValue {
    [
      "#type": "sparse_vector", "indices": .array(indices.map { .int(Int64($0)) }),
      "values": .array(values.map { .double(Double($0)) }),
      "tokens": tokens.map { .array($0.map(JSONValue.string)) } ?? .null,
    ]
  }
}
