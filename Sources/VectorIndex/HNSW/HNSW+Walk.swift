import CVectorKernels

/// Walking the graph, for searches and insertions alike.
extension HNSWIndex {
  /// Distances to the first `count` of `scratch.ids`, by codes when asked, into `scratch.distances`.
  @inline(__always)
  func measure(_ probe: Probe, byCodes: Bool, count: Int, _ scratch: inout Scratch) {
    if byCodes {
      slab.codeDistances(
        from: probe, to: scratch.ids.base, count: count, pointers: scratch.pointers.base, dots: scratch.dots.base,
        into: scratch.distances.base)
    } else {
      slab.distances(
        from: probe, to: scratch.ids.base, count: count, pointers: scratch.pointers.base,
        into: scratch.distances.base)
    }
    scratch.distanceCount &+= count
  }

  /// The distance to one row.
  func measure(_ probe: Probe, byCodes: Bool, row: UInt32, _ scratch: inout Scratch) -> Float {
    scratch.ids.base[0] = row
    measure(probe, byCodes: byCodes, count: 1, &scratch)
    return scratch.distances.base[0]
  }

  /// Moves to the nearest neighbour until none is nearer (algorithm 2 of the paper with ef = 1).
  func descend(_ probe: Probe, byCodes: Bool, from start: Key, level: Int, _ scratch: inout Scratch) -> Key {
    var current = start
    while true {
      let count = links.links(row(of: current), level: level).copy(to: scratch.ids.base, limit: links.m)
      measure(probe, byCodes: byCodes, count: count, &scratch)
      scratch.visitedCount &+= 1
      var best = current
      for i in 0..<count { best = min(best, makeKey(scratch.distances.base[i], scratch.ids.base[i])) }
      // Keys order by row too, hence no circling among equal distances.
      if best == current { return current }
      current = best
    }
  }

  /// Links of `row` not yet seen by this walk, into `scratch.ids`.
  @inline(__always)
  func unseenLinks(of row: UInt32, level: Int, epoch: UInt16, _ scratch: inout Scratch) -> Int {
    let ids = scratch.ids.base
    let count = links.links(row, level: level).copy(to: ids, limit: links.limit(level))
    let (tags, capacity) = (scratch.tags, scratch.tagCapacity)
    var unseen = 0
    var i = 0
    while i < count {
      let id = ids[i] & rowMask
      i &+= 1
      if Int(id) >= capacity { return unseenLinksGrowing(from: i &- 1, count: count, unseen: unseen, epoch, &scratch) }
      // Without a branch, which would be foretold wrongly for every other row.
      ids[unseen] = id
      unseen &+= tags[Int(id)] == epoch ? 0 : 1
      tags[Int(id)] = epoch
    }
    return unseen
  }

  /// The rest of `unseenLinks` after meeting a row that was appended since the walk began.
  @inline(never)
  private func unseenLinksGrowing(
    from start: Int, count: Int, unseen: Int, _ epoch: UInt16, _ scratch: inout Scratch
  ) -> Int {
    var unseen = unseen
    let ids = scratch.ids.base
    for i in start..<count {
      let id = ids[i] & rowMask
      if Int(id) >= scratch.tagCapacity { scratch.growTags(to: Int(id) + 1) }
      if scratch.tags[Int(id)] == epoch { continue }
      scratch.tags[Int(id)] = epoch
      ids[unseen] = id
      unseen &+= 1
    }
    return unseen
  }

  /// Best-first walk of one level (algorithm 2) with one sorted pool: it is both the paper's candidates (those not
  /// marked) and its result. Leaves the `ef` nearest rows met in `scratch.pool`, marks and all.
  func walk(
    _ probe: Probe, byCodes: Bool, from start: Key, ef: Int, level: Int, _ scratch: inout Scratch
  ) -> Int {
    let epoch = scratch.nextEpoch()
    let startRow = Int(row(of: start))
    if startRow >= scratch.tagCapacity { scratch.growTags(to: startRow + 1) }
    scratch.tags[startRow] = epoch
    let pool = scratch.pool.base
    pool[0] = start
    var count = 1
    var current = 0
    while current < count {
      let key = pool[current]
      pool[current] = key | keyMark
      scratch.visitedCount &+= 1
      let unseen = unseenLinks(of: row(of: key), level: level, epoch: epoch, &scratch)
      // Next in turn unless a nearer one turns up now; its links arrive while distances are computed.
      var next = current &+ 1
      while next < count, pool[next] & keyMark != 0 { next &+= 1 }
      if next < count { links.prefetch(row(of: pool[next]), level: level) }
      measure(probe, byCodes: byCodes, count: unseen, &scratch)
      let (ids, distances) = (scratch.ids.base, scratch.distances.base)
      var lowest = next
      var i = 0
      while i < unseen {
        if let at = insert(makeKey(distances[i], ids[i]), into: pool, count: &count, limit: ef), at <= lowest {
          lowest = at
          links.prefetch(ids[i], level: level)
        }
        i &+= 1
      }
      current = lowest
      while current < count, pool[current] & keyMark != 0 { current &+= 1 }
    }
    return count
  }

  /// Replaces approximate by exact distances in the first `count` of the pool, and sorts them. Takes the marks off.
  ///
  /// - Returns: by how much the worst of them was wrong.
  @discardableResult
  func rerank(_ probe: Probe, count: Int, _ scratch: inout Scratch) -> Float {
    rerank(probe, UnsafeMutableBufferPointer(start: scratch.pool.base, count: count), &scratch)
  }

  /// The same for any list of keys.
  @discardableResult
  func rerank(_ probe: Probe, _ keys: UnsafeMutableBufferPointer<Key>, _ scratch: inout Scratch) -> Float {
    guard let pool = keys.baseAddress else { return 0 }
    var error: Float = 0
    let ids = scratch.ids.base
    var done = 0
    while done < keys.count {
      let batch = min(keys.count &- done, 128)
      for i in 0..<batch { ids[i] = row(of: pool[done &+ i]) }
      measure(probe, byCodes: false, count: batch, &scratch)
      for i in 0..<batch {
        let exact = scratch.distances.base[i]
        // What is no number is not greater, and stays out of it.
        let difference = abs(exact - distance(of: pool[done &+ i]))
        if difference > error { error = difference }
        pool[done &+ i] = makeKey(exact, ids[i])
      }
      done &+= batch
    }
    sortNearlySorted(pool, count: keys.count)
    return error
  }
}

/// Insertion sort: the codes' order is nearly the exact one.
func sortNearlySorted(_ keys: UnsafeMutablePointer<Key>, count: Int) {
  guard count > 1 else { return }
  if count > 512 {
    var all = UnsafeMutableBufferPointer(start: keys, count: count)
    all.sort()
    return
  }
  for i in 1..<count {
    let key = keys[i]
    var j = i
    while j > 0, keys[j &- 1] > key {
      keys[j] = keys[j &- 1]
      j &-= 1
    }
    keys[j] = key
  }
}
