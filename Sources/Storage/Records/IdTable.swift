/// From a record's id to its row: open addressing with linear probing over hashes, the ids themselves stay in the
/// records.
///
/// Not synchronised. Eight bytes a slot, at most three quarters full.
struct IdTable {
  private struct Slot {
    var hash: UInt32
    /// `empty`, `removed` or a row.
    var row: UInt32
  }

  private static let empty = UInt32.max
  private static let removed = UInt32.max - 1

  private var slots: [Slot] = []
  private(set) var count = 0
  var byteCount: Int { slots.capacity * MemoryLayout<Slot>.stride }
  /// Slots that are not empty, removed ones included.
  private var used = 0
  /// Chosen anew in each process, so that ids cannot be made to collide on purpose.
  private let seed = UInt64.random(in: .min ... .max)

  /// - Parameter capacity: ids it is going to hold, so that it need not grow towards them.
  init(capacity: Int = 0) {
    if capacity > 0 { slots = Self.emptySlots(for: capacity) }
  }

  func hash(_ id: UnsafeRawBufferPointer) -> UInt32 { UInt32(truncatingIfNeeded: Checksum.of(id, seed: seed)) }

  /// The row whose id has this hash and passes `isEqual`.
  /// - Complexity: O(1) expected.
  func row(hash: UInt32, where isEqual: (Int) -> Bool) -> Int? {
    guard !slots.isEmpty else { return nil }
    var index = Int(hash) & (slots.count - 1)
    while slots[index].row != Self.empty {
      let slot = slots[index]
      if slot.hash == hash, slot.row != Self.removed, isEqual(Int(slot.row)) { return Int(slot.row) }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The id must not be in the table.
  mutating func insert(hash: UInt32, row: Int) {
    if (used + 1) * 4 > slots.count * 3 { rebuild() }
    var index = Int(hash) & (slots.count - 1)
    while slots[index].row < Self.removed { index = (index + 1) & (slots.count - 1) }
    if slots[index].row == Self.empty { used += 1 }
    slots[index] = Slot(hash: hash, row: UInt32(row))
    count += 1
  }

  /// Points the id at another row.
  mutating func replace(hash: UInt32, row: Int, with new: Int) {
    guard let index = index(hash, row) else { return }
    slots[index].row = UInt32(new)
  }

  mutating func remove(hash: UInt32, row: Int) {
    guard let index = index(hash, row) else { return }
    slots[index].row = Self.removed
    count -= 1
  }

  private func index(_ hash: UInt32, _ row: Int) -> Int? {
    guard !slots.isEmpty else { return nil }
    var index = Int(hash) & (slots.count - 1)
    while slots[index].row != Self.empty {
      if slots[index].row == UInt32(row) { return index }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }

  private static func emptySlots(for count: Int) -> [Slot] {
    [Slot](repeating: Slot(hash: 0, row: empty), count: max(64, count * 2).nextPowerOfTwo)
  }

  private mutating func rebuild() {
    let old = slots
    slots = Self.emptySlots(for: count + 1)
    let size = slots.count
    used = count
    for slot in old where slot.row < Self.removed {
      var index = Int(slot.hash) & (size - 1)
      while slots[index].row != Self.empty { index = (index + 1) & (size - 1) }
      slots[index] = slot
    }
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
