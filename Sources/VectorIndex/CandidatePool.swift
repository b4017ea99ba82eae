/// A list of at most `limit` keys, sorted, without the worst ones. The mark of a key does not take part in the order.
@inline(__always)
func insert(_ key: Key, into pool: UnsafeMutablePointer<Key>, count: inout Int, limit: Int) -> Int? {
  if count == limit, key >> 32 >= pool[count &- 1] >> 32 { return nil }
  // Binary search without branches, which would be foretold wrongly half of the time. Equal distances come first.
  var low = 0
  var length = count
  while length > 0 {
    let half = (length &+ 1) >> 1
    let isLower = pool[low &+ half &- 1] >> 32 <= key >> 32
    low &+= half & (0 &- (isLower ? 1 : 0))
    length &-= half
  }
  let moved = (count < limit ? count : count &- 1) &- low
  if moved > 0 { (pool + (low &+ 1)).update(from: pool + low, count: moved) }
  pool[low] = key
  if count < limit { count &+= 1 }
  return low
}

/// Adds to a heap whose root is the smallest key. There must be room.
@inline(__always)
func pushSmallest(_ key: Key, to heap: UnsafeMutablePointer<Key>, count: inout Int) {
  var i = count
  count &+= 1
  while i > 0 {
    let parent = (i &- 1) >> 1
    if heap[parent] <= key { break }
    heap[i] = heap[parent]
    i = parent
  }
  heap[i] = key
}

/// Takes the smallest key out of a heap that is not empty.
@inline(__always)
func popSmallest(from heap: UnsafeMutablePointer<Key>, count: inout Int) -> Key {
  let top = heap[0]
  count &-= 1
  let last = heap[count]
  var i = 0
  while true {
    var child = 2 &* i &+ 1
    if child >= count { break }
    if child &+ 1 < count, heap[child &+ 1] < heap[child] { child &+= 1 }
    if last <= heap[child] { break }
    heap[i] = heap[child]
    i = child
  }
  heap[i] = last
  return top
}

/// The `limit` smallest keys of all offered: a heap whose root is the largest of them. O(log limit) for a key that
/// gets in, one comparison for one that does not, so that any `limit` will do.
struct SmallestKeys {
  let heap: UnsafeMutablePointer<Key>
  let limit: Int
  private(set) var count = 0

  /// - Parameter heap: room for `limit` keys.
  init(heap: UnsafeMutablePointer<Key>, limit: Int) {
    self.heap = heap
    self.limit = limit
  }

  @inline(__always)
  mutating func offer(_ key: Key) {
    if count < limit {
      var i = count
      count &+= 1
      while i > 0 {
        let parent = (i &- 1) >> 1
        if heap[parent] >= key { break }
        heap[i] = heap[parent]
        i = parent
      }
      heap[i] = key
    } else if limit > 0, key < heap[0] {
      replaceLargest(key)
    }
  }

  private func replaceLargest(_ key: Key) {
    var i = 0
    while true {
      var child = 2 &* i &+ 1
      if child >= count { break }
      if child &+ 1 < count, heap[child &+ 1] > heap[child] { child &+= 1 }
      if key >= heap[child] { break }
      heap[i] = heap[child]
      i = child
    }
    heap[i] = key
  }

  /// Sorts the keys in place, smallest first. Nothing may be offered afterwards.
  func sorted() -> UnsafeMutableBufferPointer<Key> {
    var keys = UnsafeMutableBufferPointer(start: heap, count: count)
    keys.sort()
    return keys
  }
}
