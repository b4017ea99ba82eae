import ChromaModel

/// How much one request may ask for. Everything else is bounded by the size of its body.
package struct RequestLimits: Sendable, Hashable {
  /// Records in one add, update or upsert.
  package var maxRecords = 1_000_000
  /// `n_results` of a query.
  package var maxResults = Int(UInt32.max)
  /// Levels of `$and` and `$or`; a single comparison is one level.
  package var maxFilterDepth = 64
  /// Comparisons, and values of `$in` and `$nin`, of one filter.
  package var maxFilterTerms = 100_000
  /// UTF-8 bytes of one `$regex`.
  package var maxRegexBytes = 65_536

  package init() {}

  func check(records count: Int) throws(ChromaError) {
    guard count <= maxRecords else {
      throw .invalid("This request has \(count) records; this server takes at most \(maxRecords) in one request")
    }
  }

  func check(results count: Int) throws(ChromaError) {
    guard count <= maxResults else {
      throw .invalid("n_results is \(count); this server gives at most \(maxResults) results")
    }
  }

  /// Measures a clause before it is parsed, so that no pattern that is too long is ever compiled.
  ///
  /// - Complexity: O(n) in the values of `clause`; its depth is bounded by the JSON reader.
  func check(filter clause: JSONValue?) throws(ChromaError) {
    guard let clause else { return }
    var terms = 0
    let depth = try measure(clause, terms: &terms)
    guard depth <= maxFilterDepth else {
      throw .invalid("The filter is nested \(depth) levels deep; this server takes at most \(maxFilterDepth)")
    }
    guard terms <= maxFilterTerms else {
      throw .invalid("The filter has \(terms) terms; this server takes at most \(maxFilterTerms)")
    }
  }

  /// - Returns: levels of `$and` and `$or`, counting the comparison inside.
  private func measure(_ clause: JSONValue, terms: inout Int) throws(ChromaError) -> Int {
    guard case .object(let members) = clause else {
      if case .array(let elements) = clause { terms += elements.count } else { terms += 1 }
      return 0
    }
    var depth = 0
    for (name, operand) in members {
      switch (name, operand) {
      case ("$and", .array(let clauses)), ("$or", .array(let clauses)):
        for clause in clauses { depth = max(depth, try measure(clause, terms: &terms) + 1) }
      case ("$regex", .string(let pattern)), ("$not_regex", .string(let pattern)):
        guard pattern.utf8.count <= maxRegexBytes else {
          throw .invalid(
            "A regular expression of \(pattern.utf8.count) bytes is too long; this server takes at most \(maxRegexBytes)"
          )
        }
        terms += 1
        depth = max(depth, 1)
      default:
        _ = try measure(operand, terms: &terms)
        depth = max(depth, 1)
      }
    }
    return depth
  }
}
