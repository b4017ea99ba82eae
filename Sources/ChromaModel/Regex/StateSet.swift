/// A set of small integers with constant-time insertion, membership and clearing (Briggs and Torczon 1993).
final class StateSet {
  private let dense: UnsafeMutablePointer<UInt32>
  private let sparse: UnsafeMutablePointer<UInt32>
  private let capacity: Int
  private(set) var count = 0

  /// - Parameter capacity: members are below it.
  init(capacity: Int) {
    self.capacity = capacity
    dense = .allocate(capacity: capacity)
    sparse = .allocate(capacity: capacity)
    dense.initialize(repeating: 0, count: capacity)
    sparse.initialize(repeating: 0, count: capacity)
  }

  deinit {
    dense.deallocate()
    sparse.deallocate()
  }

  func clear() { count = 0 }

  /// The member inserted as number `index`, for `index < count`.
  subscript(index: Int) -> UInt32 { dense[index] }

  /// - Returns: false if it was a member.
  @inline(__always)
  func insert(_ member: UInt32) -> Bool {
    assert(Int(member) < capacity)
    let place = Int(sparse[Int(member)])
    if place < count, dense[place] == member { return false }
    sparse[Int(member)] = UInt32(truncatingIfNeeded: count)
    dense[count] = member
    count += 1
    return true
  }
}
