/// Puts atoms into passages: which ones belong together is decided here, by weights and borders alone.
struct Packing {
  private let atoms: [Atom]
  /// Weight of the atoms before each index.
  private let weightBefore: [Int]
  /// Pieces a passage may have.
  private let room: Int
  /// Pieces that neighbours should share.
  private let overlap: Int
  /// The next passage begins here, and must end behind `packed`.
  private var start = 0
  private var packed = 0

  init(atoms: [Atom], room: Int, overlap: Int) {
    self.atoms = atoms
    self.room = room
    self.overlap = overlap
    var sum = 0
    weightBefore =
      [0]
      + atoms.map { atom in
        sum += atom.weight
        return sum
      }
  }

  /// The next passage's place in the text and its pieces; `nil` behind the last.
  ///
  /// - Parameter count: pieces of the text in a range; asked where a word is cut, since fragments do not add up.
  mutating func next(_ count: (Range<Int>) -> Int) -> (range: Range<Int>, pieces: Int)? {
    guard packed < atoms.count else { return nil }
    var end = furthest(from: start)
    if end <= packed {
      // What is shared leaves no room for anything new.
      start = packed
      end = max(furthest(from: start), packed + 1)
    }
    if end < atoms.count { end = border(upTo: end) }
    var pieces = self.pieces(to: end, count)
    while pieces > room, end > packed + 1 {
      let target = weightBefore[end] - (pieces - room)
      repeat { end -= 1 } while end > packed + 1 && weightBefore[end] > target
      pieces = self.pieces(to: end, count)
    }
    if pieces > room, start < packed {
      start = packed
      return next(count)
    }
    let passage = range(end)
    packed = end
    if end < atoms.count { start = overlapStart(from: start, to: end) }
    return (passage, pieces)
  }

  private func range(_ end: Int) -> Range<Int> { atoms[start].range.lowerBound..<atoms[end - 1].range.upperBound }

  /// Pieces of the passage that ends before `end`.
  private func pieces(to end: Int, _ count: (Range<Int>) -> Int) -> Int {
    var sum = 0
    for atom in atoms[start..<end] {
      if atom.isFragment { return count(range(end)) }
      sum += atom.pieces
    }
    return sum
  }

  private func weight(_ range: Range<Int>) -> Int { weightBefore[range.upperBound] - weightBefore[range.lowerBound] }

  /// Behind the last atom that fits when the first is `first`.
  private func furthest(from first: Int) -> Int {
    var end = first
    while end < atoms.count, weight(first..<end + 1) <= room { end += 1 }
    return end
  }

  /// The best border at or before `end`: the highest of those that let the unit behind them stay whole.
  private func border(upTo end: Int) -> Int {
    for border in [Atom.Border.paragraph, .sentence, .line, .word] {
      guard let found = (packed + 1...end).last(where: { atoms[$0 - 1].border >= border }) else { continue }
      if unitWeight(from: found, upTo: border) <= room - overlap / 2 { return found }
    }
    return end
  }

  /// The weight from `first` to the next border of that kind; stops counting beyond the room.
  private func unitWeight(from first: Int, upTo border: Atom.Border) -> Int {
    var end = first
    while end < atoms.count, weight(first..<end) <= room {
      end += 1
      if atoms[end - 1].border >= border { break }
    }
    return weight(first..<end)
  }

  /// What may stand before the unit that begins at `first` so that it stays whole, if it can at all.
  private func roomBeforeUnit(at first: Int) -> Int {
    for border in [Atom.Border.paragraph, .sentence, .line, .word] where border <= atoms[first - 1].border {
      let unit = unitWeight(from: first, upTo: border)
      if unit <= room - overlap / 2 { return room - unit }
    }
    return room
  }

  /// Where the passage behind `end` begins, so that it shares about ``overlap`` pieces with the one from `first`.
  private func overlapStart(from first: Int, to end: Int) -> Int {
    let most = min(weight(first..<end) / 2, roomBeforeUnit(at: end))
    let wanted = min(overlap, most)
    guard wanted > 0 else { return end }
    var sentence: (start: Int, miss: Int)?
    var line: (start: Int, miss: Int)?
    var word: Int?
    var fragment: Int?
    var position = end - 1
    while position > first, weight(position..<end) <= min(overlap * 3 / 2, most) {
      let shared = weight(position..<end)
      let border = atoms[position - 1].border
      let miss = abs(shared - wanted)
      if shared * 2 >= overlap {
        if border >= .sentence, miss < sentence?.miss ?? .max { sentence = (position, miss) }
        if border >= .line, miss < line?.miss ?? .max { line = (position, miss) }
      }
      if shared <= wanted {
        fragment = position
        if border >= .word { word = position }
      }
      position -= 1
    }
    return sentence?.start ?? line?.start ?? word ?? fragment ?? end
  }
}
