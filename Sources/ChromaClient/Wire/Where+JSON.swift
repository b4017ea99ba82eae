import ChromaModel

extension Where {
  /// The test as the wire has it: `where` and `where_document`, of which both must pass.
  ///
  /// A test of documents goes into `where_document` when it is one of the whole conjunction's operands; within an `or`
  /// with tests of metadata it goes into `where` under `#document`, which every server since 1.0 reads.
  /// - Throws: `invalidArgument` for what the wire cannot say: keys that begin with `$`, order among anything but
  ///   numbers, numbers that are not finite.
  func clauses() throws(ChromaError) -> (metadata: JSONValue?, document: JSONValue?) {
    var metadata: [JSONValue] = []
    var documents: [JSONValue] = []
    for operand in conjuncts {
      if operand.isAboutDocuments {
        documents.append(try operand.documentClause())
      } else {
        metadata.append(try operand.clause())
      }
    }
    if metadata.isEmpty, documents.isEmpty { return (["$and": []], nil) }
    return (Self.all(metadata), Self.all(documents))
  }

  private static func all(_ clauses: [JSONValue]) -> JSONValue? {
    clauses.count < 2 ? clauses.first : ["$and": .array(clauses)]
  }

  /// What must pass, each for itself.
  private var conjuncts: [Where] {
    guard case .and(let operands) = self else { return [self] }
    return operands.flatMap(\.conjuncts)
  }

  /// Of documents only, and of them something.
  private var isAboutDocuments: Bool {
    switch self {
    case .and(let operands), .or(let operands): !operands.isEmpty && operands.allSatisfy(\.isAboutDocuments)
    case .metadata: false
    case .document: true
    }
  }

  private func documentClause() throws(ChromaError) -> JSONValue {
    switch self {
    case .and(let operands):
      return ["$and": try operands.clauses { (operand) throws(ChromaError) in try operand.documentClause() }]
    case .or(let operands):
      return ["$or": try operands.clauses { (operand) throws(ChromaError) in try operand.documentClause() }]
    case .document(let test): return test.json
    case .metadata: throw ChromaError(.internal, "A test of metadata among those of documents")
    }
  }

  private func clause() throws(ChromaError) -> JSONValue {
    switch self {
    case .and(let operands):
      return ["$and": try operands.clauses { (operand) throws(ChromaError) in try operand.clause() }]
    case .or(let operands):
      return ["$or": try operands.clauses { (operand) throws(ChromaError) in try operand.clause() }]
    case .document(let test): return ["#document": test.json]
    case .metadata(let key, let comparison):
      guard !key.hasPrefix("$") else { throw .invalid("A filter cannot be sent: its key \"\(key)\" begins with $") }
      if key == "#document", comparison.readsAsDocumentTest {
        throw .invalid("A filter cannot be sent: #document is not a key of metadata, use document(contains:)")
      }
      return try comparison.clause(of: key)
    }
  }
}

extension [Where] {
  fileprivate func clauses(
    _ clause: (Where) throws(ChromaError) -> JSONValue
  ) throws(ChromaError) -> JSONValue {
    var clauses: [JSONValue] = []
    for operand in self { clauses.append(try clause(operand)) }
    return .array(clauses)
  }
}

extension DocumentTest {
  fileprivate var json: JSONValue {
    switch self {
    case .contains(let text): ["$contains": .string(text)]
    case .notContains(let text): ["$not_contains": .string(text)]
    case .matches(let pattern): ["$regex": .string(pattern.pattern)]
    case .doesNotMatch(let pattern): ["$not_regex": .string(pattern.pattern)]
    }
  }
}

extension Comparison {
  fileprivate var readsAsDocumentTest: Bool {
    switch self {
    case .contains(.string), .notContains(.string): true
    default: false
    }
  }

  fileprivate func clause(of key: String) throws(ChromaError) -> JSONValue {
    func test(_ name: String, _ operand: JSONValue) -> JSONValue { .object([key: .object([name: operand])]) }
    switch self {
    case .equal(let scalar): return test("$eq", try scalar.json())
    case .notEqual(let scalar): return test("$ne", try scalar.json())
    case .contains(let scalar): return test("$contains", try scalar.json())
    case .notContains(let scalar): return test("$not_contains", try scalar.json())
    case .in(let scalars): return try Self.lists(of: scalars, joinedBy: "$or") { test("$in", $0) }
    case .notIn(let scalars): return try Self.lists(of: scalars, joinedBy: "$and") { test("$nin", $0) }
    case .ordered(let order, let scalar):
      switch scalar {
      case .int, .float: return test(order.name, try scalar.json())
      case .bool, .string:
        throw .invalid("A filter cannot be sent: \(order.name) of \"\(key)\" compares numbers only")
      }
    }
  }

  /// A list on the wire has one type, and something in it: others are taken apart. Joined, none at all comes out as it
  /// should: no `or` lets nothing pass, no `and` everything.
  private static func lists(
    of scalars: [Scalar], joinedBy name: String, _ test: (JSONValue) -> JSONValue
  ) throws(ChromaError) -> JSONValue {
    var kinds: [[JSONValue]] = [[], [], [], []]
    for scalar in scalars {
      switch scalar {
      case .bool: kinds[0].append(try scalar.json())
      case .int: kinds[1].append(try scalar.json())
      case .float: kinds[2].append(try scalar.json())
      case .string: kinds[3].append(try scalar.json())
      }
    }
    let tests = kinds.filter { !$0.isEmpty }.map { test(.array($0)) }
    return tests.count == 1 ? tests[0] : .object([name: .array(tests)])
  }
}

extension Comparison.Order {
  fileprivate var name: String {
    switch self {
    case .less: "$lt"
    case .lessOrEqual: "$lte"
    case .greater: "$gt"
    case .greaterOrEqual: "$gte"
    }
  }
}

extension Scalar {
  fileprivate func json() throws(ChromaError) -> JSONValue {
    switch self {
    case .bool(let flag): return .bool(flag)
    case .int(let whole): return .int(whole)
    case .string(let text): return .string(text)
    case .float(let number):
      guard number.isFinite else { throw .invalid("A filter cannot be sent: it compares with \(number)") }
      return .double(number)
    }
  }
}
