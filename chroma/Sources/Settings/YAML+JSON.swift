import ChromaModel
import Yams

/// Why a text is not YAML we read.
struct YAMLError: Error, Hashable {
  let reason: String

  init(reason: String) { self.reason = reason }

  /// The library's own words quote the line, which may hold a secret: only kind and place are taken over.
  init(_ error: any Error) {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
      .composer(_, let problem, let mark, _)?:
      reason = "\(problem) at line \(mark.line), column \(mark.column)"
    case .reader(let problem, _, _, _)?: reason = problem
    case .duplicatedKeysInMapping(_, let context)?: reason = "a key comes twice, at line \(context.mark.line)"
    default: reason = "it cannot be read"
    }
  }
}

extension JSONValue {
  /// The value a YAML text stands for. An empty text is null; keys become strings.
  ///
  /// Scalars are text, but for null. Anchors are followed, but what they multiply counts: a text that unfolds to more
  /// than 100,000 values is refused.
  init(yaml text: String) throws(YAMLError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw YAMLError(error)
    }
    var budget = 100_000
    self = try root.map { node throws(YAMLError) in try JSONValue(node, &budget, depth: 0) } ?? .null
  }

  private init(_ node: Node, _ budget: inout Int, depth: Int) throws(YAMLError) {
    budget -= 1
    guard budget >= 0, depth < 64 else { throw YAMLError(reason: "it is too large or nested too deeply") }
    switch node {
    case .scalar(let scalar):
      // As it is written: `off` is no bool here, and 007 not seven.
      let isPlain = scalar.style == .plain || scalar.style == .any
      self = isPlain && node.null != nil ? .null : .string(scalar.string)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for element in sequence { elements.append(try JSONValue(element, &budget, depth: depth + 1)) }
      self = .array(elements)
    case .mapping(let mapping):
      var members: [String: JSONValue] = [:]
      for (key, value) in mapping {
        guard let name = key.string else { throw YAMLError(reason: "a key is not text") }
        guard members[name] == nil else { throw YAMLError(reason: "a key comes twice: \(name)") }
        members[name] = try JSONValue(value, &budget, depth: depth + 1)
      }
      self = .object(members)
    case .alias:
      throw YAMLError(reason: "an alias has no anchor")
    }
  }
}
