/// Searches texts for one pattern; owned by one thread.
///
/// A deterministic automaton is built as texts ask for it (a "lazy DFA", as in RE2): a state of it is a set of states
/// of the program, a step is one table look-up. The table is bounded: full, it is emptied, and when texts fill it
/// faster than they use it, the rest of that text is searched with the sets themselves. All ways take time linear in
/// the text.
///
/// Conditions such as `\b` are decided between scalars: there, one extra step with the *context* (which conditions
/// hold) in place of a byte replaces the conditions in a set by what follows them.
package final class RegularExpressionMatcher {
  /// Table entries that are no row.
  enum Entry {
    static let unknown: UInt32 = 0
    static let dead: UInt32 = 1
    static let match: UInt32 = 2
  }

  let program: RegexProgram
  /// For each pair of kinds, the symbol of its context.
  private var contextSymbols = [Int](repeating: 0, count: LookContext.kinds * LookContext.kinds)
  private(set) var contextMasks: [UInt32] = []
  private let stride: Int
  private let cacheLimit: Int
  /// The bit of a context mask for the start of the text: only there does an anchored search begin.
  static let startBit: UInt32 = 1 << 31

  /// Rows of `stride` entries; row 0 stays unused, so that no row's offset looks like an `Entry`.
  private var table: UnsafeMutablePointer<UInt32>
  private var rowCapacity: Int
  private var sets: [[UInt32]] = [[]]
  private var rows: [[UInt32]: UInt32] = [:]
  private var setBytes = 0

  private var startRow: UInt32?

  /// The set being computed by `advance`, and whether it holds the end of the program.
  let reached: StateSet
  var matched = false
  /// Whether conditions in `reached` are still to be decided: after a byte, not after a context.
  var keepsLooks = true
  var unvisited: [UInt32] = []

  /// Clearings during this search, and where the last one was.
  private var clearings = 0
  private var lastClearing = 0
  private(set) var isThrashing = false

  /// - Parameter cacheLimit: bytes for table and sets; one text's current state may pass it.
  init(_ program: RegexProgram, cacheLimit: Int = 4 << 20) {
    self.program = program
    self.cacheLimit = cacheLimit
    reached = StateSet(capacity: program.states.count)
    let byteClasses = program.representatives.count
    if program.looks != 0 {
      for before in 0..<LookContext.kinds {
        for after in 0..<LookContext.kinds {
          guard let b = LookContext.Kind(rawValue: UInt8(before)), let a = LookContext.Kind(rawValue: UInt8(after))
          else {
            continue
          }
          // At the start of the text a search begins, with or without an anchor: its context is its own symbol.
          let isStart = b == .none ? Self.startBit : 0
          let mask = (LookContext.holding(b, a) & program.looks) | isStart
          let known = contextMasks.firstIndex(of: mask)
          if known == nil { contextMasks.append(mask) }
          contextSymbols[before * LookContext.kinds + after] = byteClasses + (known ?? contextMasks.count - 1)
        }
      }
    }
    stride = max(4, byteClasses + contextMasks.count)
    rowCapacity = 16
    table = .allocate(capacity: rowCapacity * stride)
    table.initialize(repeating: Entry.unknown, count: rowCapacity * stride)
  }

  deinit { table.deallocate() }

  /// Whether the pattern occurs in `bytes`, which are valid UTF-8.
  ///
  /// Bytes that are not give an unspecified answer, nothing worse.
  /// - Complexity: O(n) table look-ups once warm; O(n · m) at worst, for a program of m states.
  package func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    clearings = 0
    lastClearing = 0
    isThrashing = false
    return program.looks == 0 ? searchBytes(bytes) : searchScalars(bytes)
  }

  /// The row before any text: the program's start, or nothing where contexts add it.
  private func initialRow() -> UInt32 {
    if let startRow { return startRow }
    reached.clear()
    matched = false
    if program.looks == 0 { follow(program.start) }
    let row = matched ? Entry.match : intern(members(), at: 0)
    startRow = row
    return row
  }

  private func searchBytes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var row = initialRow()
    if row <= Entry.match { return row == Entry.match }
    return program.byteClasses.withUnsafeBufferPointer { classes in
      var index = 0
      while index < bytes.count {
        let symbol = Int(classes[Int(bytes[index])])
        var next = table[Int(row) + symbol]
        if next <= Entry.match {
          if next == Entry.unknown { next = step(row, symbol, at: index) }
          if next <= Entry.match { return next == Entry.match }
          if isThrashing { return simulate(bytes, from: next, at: index + 1) }
        }
        row = next
        index += 1
      }
      return false
    }
  }

  private func searchScalars(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var row = initialRow()
    var before = LookContext.Kind.none.rawValue
    var index = 0
    while true {
      if isThrashing { return simulateScalars(bytes, from: row, at: index, before: before) }
      let (after, length) = kind(of: bytes, at: index)
      let symbol = contextSymbols[Int(before) * LookContext.kinds + Int(after)]
      var next = table[Int(row) + symbol]
      if next == Entry.unknown { next = step(row, symbol, at: index) }
      if next <= Entry.match { return next == Entry.match }
      row = next
      if length == 0 { return false }
      for place in index..<index + length {
        let symbol = Int(program.byteClasses[Int(bytes[place])])
        next = table[Int(row) + symbol]
        if next == Entry.unknown { next = step(row, symbol, at: place) }
        if next <= Entry.match { return next == Entry.match }
        row = next
      }
      before = after
      index += length
    }
  }

  /// The kind and length in bytes of the scalar at `index`; `none` and 0 at the end.
  func kind(of bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (kind: UInt8, length: Int) {
    guard index < bytes.count else { return (LookContext.Kind.none.rawValue, 0) }
    let lead = bytes[index]
    if lead < 0x80 { return (LookContext.asciiKinds[Int(lead)], 1) }
    let length = min(lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4, bytes.count - index)
    var value = UInt32(lead) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
    for place in (index + 1)..<(index + length) { value = value << 6 | UInt32(bytes[place] & 0x3F) }
    let words = UnicodeClass.wordBitmap
    let isWord = Int(value >> 6) < words.count && words[Int(value >> 6)] >> UInt64(value & 63) & 1 == 1
    return (isWord ? LookContext.Kind.word.rawValue : LookContext.Kind.other.rawValue, length)
  }

  // MARK: The table

  /// Computes and remembers one entry of the table.
  private func step(_ row: UInt32, _ symbol: Int, at position: Int) -> UInt32 {
    advance(sets[Int(row) / stride], symbol)
    let clearingsBefore = clearings
    let entry: UInt32
    if matched {
      entry = Entry.match
    } else {
      let members = members()
      entry = members.isEmpty && canDie ? Entry.dead : intern(members, at: position)
    }
    // A clearing has taken `row` away.
    if clearings == clearingsBefore { table[Int(row) + symbol] = entry }
    return entry
  }

  /// An empty set is the end where nothing starts anew: no pattern without conditions, or an anchored one.
  var canDie: Bool { program.looks == 0 || program.isAnchored }

  private func intern(_ members: [UInt32], at position: Int) -> UInt32 {
    let members = members.sorted()
    if let row = rows[members] { return row }
    // 64: about what the array's header and its place in the dictionary take.
    let cost = members.count * 4 + 64
    if sets.count > 1, (sets.count + 1) * stride * 4 + setBytes + cost > cacheLimit { clear(at: position) }
    if sets.count == rowCapacity { growTable() }
    let row = UInt32(truncatingIfNeeded: sets.count * stride)
    sets.append(members)
    rows[members] = row
    setBytes += cost
    return row
  }

  private func growTable() {
    let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * rowCapacity * stride)
    larger.initialize(repeating: Entry.unknown, count: 2 * rowCapacity * stride)
    larger.update(from: table, count: rowCapacity * stride)
    table.deallocate()
    table = larger
    rowCapacity *= 2
  }

  private func clear(at position: Int) {
    clearings += 1
    // As RE2: a table that serves fewer than ten bytes a row is not worth its making.
    if clearings >= 3, position - lastClearing < 10 * sets.count { isThrashing = true }
    lastClearing = position
    table.update(repeating: Entry.unknown, count: rowCapacity * stride)
    sets = [[]]
    rows = [:]
    setBytes = 0
    startRow = nil
  }

  // MARK: Without the table

  private func simulate(_ bytes: UnsafeBufferPointer<UInt8>, from row: UInt32, at start: Int) -> Bool {
    var set = sets[Int(row) / stride]
    for index in start..<bytes.count {
      advance(set, Int(program.byteClasses[Int(bytes[index])]))
      if matched { return true }
      members(into: &set)
    }
    return false
  }

  private func simulateScalars(
    _ bytes: UnsafeBufferPointer<UInt8>, from row: UInt32, at start: Int, before: UInt8
  ) -> Bool {
    var set = sets[Int(row) / stride]
    var before = before
    var index = start
    while true {
      let (after, length) = kind(of: bytes, at: index)
      advance(set, contextSymbols[Int(before) * LookContext.kinds + Int(after)])
      if matched { return true }
      members(into: &set)
      if length == 0 || (set.isEmpty && canDie) { return false }
      for place in index..<index + length {
        advance(set, Int(program.byteClasses[Int(bytes[place])]))
        if matched { return true }
        members(into: &set)
      }
      before = after
      index += length
    }
  }
}
