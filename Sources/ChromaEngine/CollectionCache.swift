import ChromaModel

/// Which collections are open, and which one goes next when there are too many: least recently used, never one in use.
///
/// A value without I/O: the engine asks, opens and closes.
struct CollectionCache {
  enum Entry {
    case opening(Task<Result<Collection, ChromaError>, Never>)
    case open(Collection)
    case closing(Task<Void, Never>)
  }

  private struct Slot {
    var entry: Entry
    var users = 0
    /// Greater is more recent.
    var lastUse: UInt64
  }

  private var slots: [Identifier: Slot] = [:]
  private var clock: UInt64 = 0

  /// Collections that are open or about to be.
  var count: Int {
    slots.values.reduce(0) { count, slot in if case .closing = slot.entry { count } else { count + 1 } }
  }

  /// The entry, without using it.
  func entry(_ id: Identifier) -> Entry? { slots[id]?.entry }

  /// The entry of a collection; counts the caller as a user when it is open.
  mutating func use(_ id: Identifier) -> Entry? {
    guard let slot = slots[id] else { return nil }
    if case .open = slot.entry {
      clock += 1
      slots[id]?.users += 1
      slots[id]?.lastUse = clock
    }
    return slot.entry
  }

  mutating func release(_ id: Identifier, _ collection: Collection) {
    guard case .open(let open)? = slots[id]?.entry, open === collection else { return }
    slots[id]?.users -= 1
  }

  mutating func set(_ id: Identifier, _ entry: Entry) {
    clock += 1
    slots[id] = Slot(entry: entry, lastUse: clock)
  }

  /// - Returns: the collection if it was open.
  @discardableResult
  mutating func remove(_ id: Identifier) -> Entry? { slots.removeValue(forKey: id)?.entry }

  mutating func removeAll() -> [Entry] {
    defer { slots = [:] }
    return slots.values.map(\.entry)
  }

  /// The open collection that has been idle longest, of those that may be closed.
  func leastRecentlyUsed(where mayBeClosed: (Collection) -> Bool = { _ in true }) -> (Identifier, Collection)? {
    var oldest: (id: Identifier, collection: Collection, lastUse: UInt64)?
    for (id, slot) in slots {
      guard case .open(let collection) = slot.entry, slot.users == 0, slot.lastUse < oldest?.lastUse ?? .max,
        mayBeClosed(collection)
      else {
        continue
      }
      oldest = (id, collection, slot.lastUse)
    }
    return oldest.map { ($0.id, $0.collection) }
  }

  var openCollections: [Collection] {
    slots.values.compactMap { if case .open(let collection) = $0.entry { collection } else { nil } }
  }
}
