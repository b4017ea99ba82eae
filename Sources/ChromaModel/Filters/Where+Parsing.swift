extension Where {
  /// Reads a `where` object. `null` and `{}` are no filter at all.
  ///
  /// - Throws: `invalidArgument` "Invalid where clause", or the regular expression's own complaint.
  public static func parse(_ json: JSONValue?) throws(ChromaError) -> Where? {
    try parse(json, clause: metadataClause)
  }

  /// Reads a `where_document` object. `null` and `{}` are no filter at all.
  ///
  /// - Throws: `invalidArgument` "Invalid where document clause", or the regular expression's own complaint.
  public static func parseDocument(_ json: JSONValue?) throws(ChromaError) -> Where? {
    try parse(json, clause: documentClause)
  }

  /// Both filters as one: what passes must pass each.
  public static func both(_ left: Where?, _ right: Where?) -> Where? {
    guard let left else { return right }
    guard let right else { return left }
    return .and([left, right])
  }

  private static func parse(
    _ json: JSONValue?, clause: (JSONValue) throws(ChromaError) -> Where
  ) throws(ChromaError) -> Where? {
    switch json {
    case nil, .null?, .object([:])?: nil
    case let json?: try clause(json)
    }
  }

  private static let badWhere = ChromaError.invalid("Invalid where clause")
  private static let badDocument = ChromaError.invalid("Invalid where document clause")

  private static func metadataClause(_ json: JSONValue) throws(ChromaError) -> Where {
    guard case .object(let members) = json, members.count == 1, let (key, operand) = members.first else {
      throw badWhere
    }
    switch key {
    case "$and": return .and(try operands(operand, badWhere, metadataClause))
    case "$or": return .or(try operands(operand, badWhere, metadataClause))
    default:
      guard !key.hasPrefix("$") else { throw badWhere }
      if let scalar = Scalar(json: operand) { return .metadata(key: key, .equal(scalar)) }
      guard case .object(let test) = operand, test.count == 1, let (name, value) = test.first else { throw badWhere }
      if key == "#document", let test = try DocumentTest(name, value) { return .document(test) }
      return .metadata(key: key, try Comparison(name, value, orThrow: badWhere))
    }
  }

  private static func documentClause(_ json: JSONValue) throws(ChromaError) -> Where {
    guard case .object(let members) = json, members.count == 1, let (key, operand) = members.first else {
      throw badDocument
    }
    switch key {
    case "$and": return .and(try operands(operand, badDocument, documentClause))
    case "$or": return .or(try operands(operand, badDocument, documentClause))
    default:
      guard let test = try DocumentTest(key, operand) else { throw badDocument }
      return .document(test)
    }
  }

  private static func operands(
    _ json: JSONValue, _ error: ChromaError, _ clause: (JSONValue) throws(ChromaError) -> Where
  ) throws(ChromaError) -> [Where] {
    guard case .array(let elements) = json else { throw error }
    var parsed: [Where] = []
    parsed.reserveCapacity(elements.count)
    for element in elements { parsed.append(try clause(element)) }
    return parsed
  }
}

extension Scalar {
  /// A JSON bool, number or string.
  public init?(json: JSONValue) {
    switch json {
    case .bool(let flag): self = .bool(flag)
    case .int(let whole): self = .int(whole)
    case .double(let number): self = .float(number)
    case .string(let text): self = .string(text)
    default: return nil
    }
  }

  var isNumber: Bool {
    switch self {
    case .int, .float: true
    case .bool, .string: false
    }
  }
}

extension Comparison {
  init(_ name: String, _ operand: JSONValue, orThrow error: ChromaError) throws(ChromaError) {
    func scalar() throws(ChromaError) -> Scalar {
      guard let scalar = Scalar(json: operand) else { throw error }
      return scalar
    }
    func number() throws(ChromaError) -> Scalar {
      let scalar = try scalar()
      guard scalar.isNumber else { throw error }
      return scalar
    }
    switch name {
    case "$eq": self = .equal(try scalar())
    case "$ne": self = .notEqual(try scalar())
    case "$lt": self = .ordered(.less, try number())
    case "$lte": self = .ordered(.lessOrEqual, try number())
    case "$gt": self = .ordered(.greater, try number())
    case "$gte": self = .ordered(.greaterOrEqual, try number())
    case "$in": self = .in(try Self.list(operand, error))
    case "$nin": self = .notIn(try Self.list(operand, error))
    case "$contains": self = .contains(try scalar())
    case "$not_contains": self = .notContains(try scalar())
    default: throw error
    }
  }

  /// At least one scalar, all of the first one's type; a list of floats may hold whole numbers, not the other way round.
  private static func list(_ json: JSONValue, _ error: ChromaError) throws(ChromaError) -> [Scalar] {
    guard case .array(let elements) = json, !elements.isEmpty else { throw error }
    var scalars: [Scalar] = []
    scalars.reserveCapacity(elements.count)
    for element in elements {
      guard let scalar = Scalar(json: element) else { throw error }
      switch (scalars.first, scalar) {
      case (nil, _), (.bool?, .bool), (.int?, .int), (.float?, .float), (.string?, .string): scalars.append(scalar)
      case (.float?, .int(let whole)): scalars.append(.float(Double(whole)))
      default: throw error
      }
    }
    return scalars
  }
}

extension DocumentTest {
  /// `nil` when `name` is no operator on documents, or its operand is not text.
  init?(_ name: String, _ operand: JSONValue) throws(ChromaError) {
    guard case .string(let text) = operand else { return nil }
    switch name {
    case "$contains": self = .contains(text)
    case "$not_contains": self = .notContains(text)
    case "$regex": self = .matches(try Self.pattern(text))
    case "$not_regex": self = .doesNotMatch(try Self.pattern(text))
    default: return nil
    }
  }

  private static func pattern(_ text: String) throws(ChromaError) -> RegularExpression {
    do { return try RegularExpression(text) } catch { throw .invalid(error.message) }
  }
}
