package import ChromaModel

/// `$contains` or `$regex`, ready to run over the documents of many blocks.
package struct TextPredicate: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case contains([UInt8])
    case regex(RegularExpression)
  }

  let kind: Kind

  /// Documents with these UTF-8 bytes somewhere: case counts, nothing is normalised, NUL is a byte like any other. The
  /// empty string is in every document.
  package init(contains text: String) { kind = .contains(Array(text.utf8)) }

  /// Documents in which the pattern occurs.
  package init(regex: RegularExpression) { kind = .regex(regex) }

  /// What every matching document holds; the question to a `TrigramSignature`.
  package var requirement: LiteralRequirement {
    switch kind {
    case .contains(let bytes): bytes.isEmpty ? .everything : .literal(bytes)
    case .regex(let expression): expression.literalRequirement
    }
  }

  /// An evaluator for one thread.
  package func makeEvaluator() -> TextEvaluator { TextEvaluator(self) }
}

/// Answers a `TextPredicate`, block after block; owned by one thread.
package final class TextEvaluator {
  /// Looking for more literals than these takes longer than the pattern itself.
  private static let mostLiterals = 3

  private let requirement: LiteralRequirement
  private let literal: LiteralSearch?
  private let matcher: RegularExpressionMatcher?
  /// What to look for before the pattern.
  private let prefilter: LiteralRequirement

  init(_ predicate: TextPredicate) {
    requirement = predicate.requirement
    switch predicate.kind {
    case .contains(let bytes):
      literal = bytes.isEmpty ? nil : LiteralSearch(literal: bytes)
      matcher = nil
      prefilter = .everything
    case .regex(let expression):
      literal = nil
      matcher = expression.makeMatcher()
      prefilter = requirement.literalCount <= Self.mostLiterals ? requirement : .everything
    }
  }

  /// Sets one bit for each row whose document matches; rows without document never do. For `$not_contains` and
  /// `$not_regex` the caller takes the complement.
  ///
  /// - Parameters:
  ///   - signature: of this block, from `TrigramSignature.build`; `nil` searches every document.
  ///   - restriction: `run.groupCount` words; only these rows need an answer, all others get 0.
  ///   - words: `run.groupCount` words, all of them written.
  /// - Complexity: O(bytes of the documents looked at).
  package func evaluate(
    _ run: DocumentRun, signature: UnsafeBufferPointer<UInt64>?, restrictedTo restriction: UnsafePointer<UInt64>?,
    into words: UnsafeMutablePointer<UInt64>
  ) {
    var rows = (0..<run.groupCount).map { group in
      run.present[group] & run.rowBits(of: group) & (restriction?[group] ?? .max)
    }
    if let signature { TrigramSignature.narrow(&rows, to: requirement, by: signature) }
    if let literal { literal.filter(&rows, in: run) }
    if let matcher {
      keep(&rows, meeting: prefilter, in: run)
      for group in rows.indices {
        var left = rows[group]
        while left != 0 {
          let bit = left.trailingZeroBitCount
          left &= left - 1
          let bytes = run.bytes(of: group * DocumentRun.groupRows + bit)
          if !matcher.matches(bytes.assumingMemoryBound(to: UInt8.self)) { rows[group] &= ~(1 << UInt64(bit)) }
        }
      }
    }
    for group in rows.indices { words[group] = rows[group] }
  }

  /// Whether one document, as valid UTF-8, matches.
  package func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if let matcher { return matcher.matches(bytes) }
    return literal?.occurs(in: UnsafeRawBufferPointer(bytes)) ?? true
  }

  private func keep(_ rows: inout [UInt64], meeting requirement: LiteralRequirement, in run: DocumentRun) {
    switch requirement {
    case .everything: return
    case .literal(let bytes): LiteralSearch(literal: bytes).filter(&rows, in: run)
    case .and(let parts): for part in parts { keep(&rows, meeting: part, in: run) }
    case .or(let parts):
      var found = [UInt64](repeating: 0, count: rows.count)
      for part in parts {
        // What an earlier part has found needs no further look.
        var left = zip(rows, found).map { $0 & ~$1 }
        keep(&left, meeting: part, in: run)
        for group in rows.indices { found[group] |= left[group] }
      }
      rows = found
    }
  }
}

extension LiteralRequirement {
  /// How many literals it names.
  var literalCount: Int {
    switch self {
    case .everything: 0
    case .literal: 1
    case .and(let parts), .or(let parts): parts.reduce(0) { $0 + $1.literalCount }
    }
  }
}
