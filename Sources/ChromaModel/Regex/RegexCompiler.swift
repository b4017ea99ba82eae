/// Turns a `RegexNode` into a `RegexProgram`, from the end to the start: each node is given the state that follows it.
struct RegexCompiler {
  /// As the `regex` crate's default, and counted as it counts: 24 bytes a state, 8 an edge.
  static let sizeLimit = 10 * (1 << 20)
  static let sizeLimitReason = "Compiled regex exceeds size limit of \(sizeLimit) bytes."

  struct TooLarge: Error {}

  private var program = RegexProgram()
  private var automata: [ScalarSet: UTF8Automaton] = [:]
  private var size = 0

  /// - Throws: when the program would pass `sizeLimit`; the work is in proportion to the limit, not to a count.
  static func compile(_ node: RegexNode) throws(TooLarge) -> RegexProgram {
    var compiler = RegexCompiler()
    let match = try compiler.append(.match)
    compiler.program.start = try compiler.compile(node, next: match)
    compiler.program.isAnchored = isAnchored(node)
    compiler.program.computeByteClasses()
    return compiler.program
  }

  private mutating func append(_ state: RegexProgram.State, edges: Int = 0) throws(TooLarge) -> UInt32 {
    size += 24 + 8 * edges
    if size > Self.sizeLimit { throw TooLarge() }
    program.states.append(state)
    return UInt32(program.states.count - 1)
  }

  private mutating func split(_ targets: [UInt32]) throws(TooLarge) -> UInt32 {
    let first = UInt32(program.targets.count)
    program.targets += targets
    return try append(.split(first: first, count: UInt32(targets.count)), edges: targets.count)
  }

  private mutating func compile(_ node: RegexNode, next: UInt32) throws(TooLarge) -> UInt32 {
    switch node {
    case .empty: return next
    case .scalars(let set): return try compile(set, next: next)
    case .look(let look):
      program.looks |= look.bit
      return try append(.look(look, next: next))
    case .concatenation(let parts):
      var next = next
      for part in parts.reversed() { next = try compile(part, next: next) }
      return next
    case .alternation(let branches):
      var targets: [UInt32] = []
      for branch in branches { targets.append(try compile(branch, next: next)) }
      return try split(targets)
    case .repetition(let body, let minimum, let maximum):
      var next = next
      if let maximum {
        let end = next
        for _ in minimum..<max(minimum, maximum) {
          let entry = try compile(body, next: next)
          next = try split([entry, end])
        }
      } else {
        // The last obligatory copy, if any, is the body of the loop.
        let loop = try split([next, next])
        let entry = try compile(body, next: loop)
        if case .split(let first, _) = program.states[Int(loop)] { program.targets[Int(first)] = entry }
        if minimum == 0 { return loop }
        next = entry
      }
      for _ in 0..<(maximum == nil ? minimum - 1 : minimum) { next = try compile(body, next: next) }
      return next
    }
  }

  private mutating func compile(_ set: ScalarSet, next: UInt32) throws(TooLarge) -> UInt32 {
    if set.isEmpty { return try append(.bytes(first: 0, count: 0)) }
    if let scalar = set.single, let encoded = UTF8.encode(scalar) {
      var next = next
      for byte in Array(encoded).reversed() {
        let first = UInt32(program.edges.count)
        program.edges.append(.init(low: byte, high: byte, target: next))
        next = try append(.bytes(first: first, count: 1), edges: 1)
      }
      return next
    }
    let automaton: UTF8Automaton
    if let known = automata[set] {
      automaton = known
    } else {
      automaton = UTF8Automaton(set)
      automata[set] = automaton
    }
    // Targets precede their sources, so a state's number is known before it is pointed at.
    let base = UInt32(program.states.count)
    var last = next
    for edges in automaton.states {
      let first = UInt32(program.edges.count)
      for edge in edges {
        let target = edge.target == UTF8Automaton.accepting ? next : base + UInt32(edge.target)
        program.edges.append(.init(low: edge.low, high: edge.high, target: target))
      }
      last = try append(.bytes(first: first, count: UInt32(edges.count)), edges: edges.count)
    }
    return last
  }

  private static func isAnchored(_ node: RegexNode) -> Bool {
    switch node {
    case .look(.textStart): true
    case .concatenation(let parts): parts.first.map(isAnchored) ?? false
    case .alternation(let branches): branches.allSatisfy(isAnchored)
    case .repetition(let body, let minimum, _): minimum > 0 && isAnchored(body)
    default: false
    }
  }
}
