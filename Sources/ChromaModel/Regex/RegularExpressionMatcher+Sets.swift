/// Steps from one set of program states to the next.
extension RegularExpressionMatcher {
  /// Sets `reached` and `matched` to what follows `set` on `symbol`: a byte class or, past those, a context.
  func advance(_ set: [UInt32], _ symbol: Int) {
    reached.clear()
    matched = false
    let byteClasses = program.representatives.count
    keepsLooks = symbol < byteClasses
    if symbol < byteClasses {
      let byte = program.representatives[symbol]
      for state in set {
        if case .bytes(let first, let count) = program.states[Int(state)],
          let target = target(of: byte, Int(first), Int(count))
        {
          follow(target)
        }
      }
      // The search is unanchored: it may begin after any byte. What begins inside a scalar dies there.
      if program.looks == 0 { follow(program.start) }
    } else {
      let holding = contextMasks[symbol - byteClasses]
      for state in set {
        switch program.states[Int(state)] {
        case .look(let look, let next): if holding & look.bit != 0 { follow(next, holding: holding) }
        default: _ = reached.insert(state)
        }
      }
      if !program.isAnchored || holding & Self.startBit != 0 { follow(program.start, holding: holding) }
    }
  }

  /// The edges are in byte order and do not overlap.
  private func target(of byte: UInt8, _ first: Int, _ count: Int) -> UInt32? {
    var low = first
    var high = first + count
    while low < high {
      let middle = (low + high) / 2
      if program.edges[middle].high < byte { low = middle + 1 } else { high = middle }
    }
    guard low < first + count, program.edges[low].low <= byte else { return nil }
    return program.edges[low].target
  }

  /// Adds `state` and what it leads to without consuming.
  ///
  /// - Parameter holding: the conditions to pass; `nil` keeps every condition in the set, for the context to decide.
  func follow(_ state: UInt32, holding: UInt32? = nil) {
    guard reached.insert(state) else { return }
    unvisited.append(state)
    while let state = unvisited.popLast() {
      switch program.states[Int(state)] {
      case .bytes: break
      case .match: matched = true
      case .look(let look, let next):
        if let holding, holding & look.bit != 0, reached.insert(next) { unvisited.append(next) }
      case .split(let first, let count):
        for index in Int(first)..<Int(first) + Int(count) where reached.insert(program.targets[index]) {
          unvisited.append(program.targets[index])
        }
      }
    }
  }

  func members() -> [UInt32] {
    var set: [UInt32] = []
    members(into: &set)
    return set
  }

  /// The states of `reached` that the next step needs. Conditions already decided and dead ends are not among them.
  func members(into set: inout [UInt32]) {
    set.removeAll(keepingCapacity: true)
    for index in 0..<reached.count {
      let state = reached[index]
      switch program.states[Int(state)] {
      case .bytes(_, let count): if count > 0 { set.append(state) }
      case .look: if keepsLooks { set.append(state) }
      case .split, .match: break
      }
    }
  }
}
