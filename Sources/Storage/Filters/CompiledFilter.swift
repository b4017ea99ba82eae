package import ChromaModel

/// A `where` tree made ready to run over many records by one thread: text patterns compiled, complements marked.
package final class CompiledFilter {
  private indirect enum Node {
    case and([Node])
    case or([Node])
    case not(Node)
    case metadata(key: String, MetadataTest)
    case text(TextEvaluator)
  }

  private let root: Node

  package init(_ filter: Where) { root = Self.compile(filter) }

  private static func compile(_ filter: Where) -> Node {
    switch filter {
    case .and(let operands): .and(operands.map(compile))
    case .or(let operands): .or(operands.map(compile))
    case .document(.contains(let text)): .text(TextPredicate(contains: text).makeEvaluator())
    case .document(.notContains(let text)): .not(.text(TextPredicate(contains: text).makeEvaluator()))
    case .document(.matches(let pattern)): .text(TextPredicate(regex: pattern).makeEvaluator())
    case .document(.doesNotMatch(let pattern)): .not(.text(TextPredicate(regex: pattern).makeEvaluator()))
    case .metadata(let key, .notEqual(let scalar)): .not(.metadata(key: key, MetadataTest(.equal(scalar))))
    case .metadata(let key, .notIn(let scalars)): .not(.metadata(key: key, MetadataTest(.in(scalars))))
    case .metadata(let key, .notContains(let scalar)): .not(.metadata(key: key, MetadataTest(.contains(scalar))))
    case .metadata(let key, let comparison): .metadata(key: key, MetadataTest(comparison))
    }
  }

  /// Rows of a block that pass.
  ///
  /// - Parameter candidates: rows that need an answer; others may come out either way only if they are not in it,
  ///   and are cut off.
  package func rows(of block: RecordBlock, among candidates: BlockMask) -> BlockMask {
    var mask = evaluate(root, block, candidates)
    mask.formIntersection(candidates)
    return mask
  }

  private func evaluate(_ node: Node, _ block: RecordBlock, _ candidates: BlockMask) -> BlockMask {
    switch node {
    case .and(let operands):
      var mask = candidates
      for operand in operands { mask.formIntersection(evaluate(operand, block, mask)) }
      return mask
    case .or(let operands):
      var mask = BlockMask.none
      for operand in operands {
        var open = candidates
        open.subtract(mask)
        mask.formUnion(evaluate(operand, block, open))
      }
      return mask
    case .not(let operand):
      var mask = candidates
      mask.subtract(evaluate(operand, block, candidates))
      return mask
    case .metadata(let key, let test): return test.rows(of: block, key: key)
    case .text(let evaluator):
      var mask = BlockMask.none
      let run = block.documentRun
      let wanted = candidates
      withUnsafePointer(to: wanted) { wanted in
        withUnsafeMutablePointer(to: &mask) { found in
          let candidates = UnsafeRawPointer(wanted).assumingMemoryBound(to: UInt64.self)
          let words = UnsafeMutableRawPointer(found).assumingMemoryBound(to: UInt64.self)
          evaluator.evaluate(run, signature: block.trigrams, restrictedTo: candidates, into: words)
        }
      }
      return mask
    }
  }

  /// Whether a record passes: for the few that are not in a block yet.
  package func matches(_ record: Record) -> Bool { matches(root, record) }

  private func matches(_ node: Node, _ record: Record) -> Bool {
    switch node {
    case .and(let operands): return operands.allSatisfy { matches($0, record) }
    case .or(let operands): return operands.contains { matches($0, record) }
    case .not(let operand): return !matches(operand, record)
    case .metadata(let key, let test): return test.comparison.matches(record.metadata[key])
    case .text(let evaluator):
      guard var document = record.document else { return false }
      return document.withUTF8 { evaluator.matches($0) }
    }
  }
}

extension RecordBlock {
  fileprivate var documentRun: DocumentRun {
    DocumentRun(checked: documents.bytes, offsets: documents.offsets, present: documentPresence, count: rowCount)
  }
}
