import ChromaClient

/// What the passages of an answer must have.
struct SearchFilter: Sendable, Hashable {
  var topic: String?
  var source: String?
  var kind: String?

  /// `nil` lets everything pass.
  var predicate: Where? {
    let tests = [("topic", topic), ("source", source), ("kind", kind)].compactMap { key, value in
      value.map { Where.metadata(key: key, .equal(.string($0))) }
    }
    return tests.isEmpty ? nil : tests.count == 1 ? tests[0] : .and(tests)
  }
}
