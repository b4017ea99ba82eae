import ChromaModel
import Yams

/// Why a text is not YAML we read.
struct YAMLError: Error, Hashable {
  let reason: String
}

extension JSONValue {
  /// The value a YAML text stands for. An empty text is null; keys become strings.
  ///
  /// Anchors are followed, but what they multiply counts: a text that unfolds to more than 100,000 values is refused.
  init(yaml text: String) throws(YAMLError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw YAMLError(reason: "\(error)")
    }
    var budget = 100_000
    self = try root.map { node throws(YAMLError) in try JSONValue(node, &budget, depth: 0) } ?? .null
  }

  private init(_ node: Node, _ budget: inout Int, depth: Int) throws(YAMLError) {
    budget -= 1
    guard budget >= 0, depth < 64 else { throw YAMLError(reason: "it is too large or nested too deeply") }
    switch node {
    case .scalar(let scalar):
      // What is quoted is text whatever it looks like.
      guard scalar.style == .plain || scalar.style == .any else {
        self = .string(scalar.string)
        return
      }
      if node.null != nil {
        self = .null
      } else if let flag = node.bool {
        self = .bool(flag)
      } else if let whole = Int64(scalar.string) {
        self = .int(whole)
      } else {
        self = .string(scalar.string)
      }
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for element in sequence { elements.append(try JSONValue(element, &budget, depth: depth + 1)) }
      self = .array(elements)
    case .mapping(let mapping):
      var members: [String: JSONValue] = [:]
      for (key, value) in mapping {
        guard let name = key.string else { throw YAMLError(reason: "a key is not text") }
        guard members[name] == nil else { throw YAMLError(reason: "the key \(name) comes twice") }
        members[name] = try JSONValue(value, &budget, depth: depth + 1)
      }
      self = .object(members)
    case .alias:
      throw YAMLError(reason: "an alias has no anchor")
    }
  }
}
