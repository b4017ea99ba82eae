import CVectorKernels
import Synchronization

/// Putting rows into the graph (algorithm 1 of the paper), from any number of threads.
///
/// **Reachability.** Choosing neighbours by the heuristic may take the last link to a node away, after which nobody
/// finds it. Here every node but the first has a *parent*: the nearest of its neighbours that has room, at the time it
/// was linked. The links parent → node and node → parent are marked and never given up. Marked links form a tree
/// that can be walked both ways, so level 0 stays strongly connected whatever else is pruned. A node may be parent of
/// at most `maximumTreeDegree − 1` others, which leaves half of its links to the heuristic.
extension HNSWIndex {
  /// Puts rows that wait into the graph, in the order of their numbers.
  ///
  /// - Parameters:
  ///   - limit: rows to take at most.
  ///   - live: rows to link; others are passed over for good (searches whose set has them scan them). Rows it does not
  ///     cover go on waiting. `nil` links all.
  /// - Returns: rows taken, linked or passed over; 0 when none waits.
  /// - Complexity: about O(efConstruction · m · dimension) a row.
  package func link(atMost limit: Int, live: RowSet? = nil) -> Int {
    let bound = min(rowCount, live?.rowCount ?? .max)
    guard limit > 0, claimed.load(ordering: .relaxed) < bound else { return 0 }
    return ScratchPool.shared.withScratch { scratch in
      var taken = 0
      while taken < limit, let row = claim(below: bound) {
        if pending.isLinked(row) { continue }
        taken += 1
        if let live, !live.contains(row) { continue }
        link(row, &scratch)
      }
      return taken
    }
  }

  /// The next row nobody has taken.
  private func claim(below bound: Int) -> UInt32? {
    var next = claimed.load(ordering: .relaxed)
    while next < bound {
      let result = claimed.compareExchange(expected: next, desired: next + 1, ordering: .acquiringAndReleasing)
      if result.exchanged { return UInt32(next) }
      next = result.original
    }
    return nil
  }

  private func link(_ row: UInt32, _ scratch: inout Scratch) {
    links.setLevel(drawLevel(row), of: row)
    let level = links.level(row)
    let entry = entryPoint.load(ordering: .acquiring)
    if level > EntryPoint.level(entry) {
      raising.withLock { _ in
        let entry = entryPoint.load(ordering: .acquiring)
        connect(row, level: level, entry: entry, &scratch)
        if level > EntryPoint.level(entry) {
          entryPoint.store(EntryPoint.pack(row: row, level: level), ordering: .releasing)
        }
      }
    } else {
      connect(row, level: level, entry: entry, &scratch)
    }
    linked.wrappingAdd(1, ordering: .acquiringAndReleasing)
  }

  private func connect(_ row: UInt32, level: Int, entry: UInt64, _ scratch: inout Scratch) {
    let top = EntryPoint.level(entry)
    defer { pending.markLinked(row) }
    guard top >= 0 else { return }
    let ef = max(parameters.efConstruction, links.m)
    scratch.reserve(rows: rowCount, candidates: ef, links: links.m0, layout: slab.layout)
    scratch.reserveChosen(links.m * (HNSWParameters.maximumLevel + 1))

    let lists = choose(row, level: level, entry: entry, ef: ef, &scratch)
    // All own links first, so that whoever arrives here at any level can go on; then level 0, then upwards.
    for l in 0..<lists.count {
      links.links(row, level: l).replace(with: scratch.chosen.base + l * links.m, count: lists[l])
    }
    let treeNeighbour = joinTree(row, count: lists[0], &scratch)
    for i in 0..<lists[0] { links.addInDegree(1, to: scratch.chosen.base[i]) }
    if !(0..<lists[0]).contains(where: { scratch.chosen.base[$0] == treeNeighbour }) {
      links.addInDegree(1, to: treeNeighbour)
    }
    for l in 0..<lists.count {
      for i in 0..<lists[l] {
        let neighbour = scratch.chosen.base[l * links.m + i]
        if l == 0, neighbour == treeNeighbour { continue }
        addLink(from: neighbour, to: row, level: l, asTreeEdge: false, &scratch)
      }
    }
  }

  /// Finds the neighbours of a new node at each of its levels, into `scratch.chosen`. Gives their numbers.
  private func choose(
    _ row: UInt32, level: Int, entry: UInt64, ef: Int, _ scratch: inout Scratch
  ) -> [Int] {
    var lists = [Int](repeating: 0, count: min(level, EntryPoint.level(entry)) + 1)
    let probe = slab.probe(row: row, codes: scratch.codes.base)
    var byCodes = probe.codes != nil
    let entryRow = EntryPoint.row(entry)
    var best = makeKey(measure(probe, byCodes: byCodes, row: entryRow, &scratch), entryRow)
    for l in stride(from: EntryPoint.level(entry), to: level, by: -1) {
      best = descend(probe, byCodes: byCodes, from: best, level: l, &scratch)
    }
    var foundLast = 0
    for l in stride(from: lists.count - 1, through: 0, by: -1) {
      var found = walk(probe, byCodes: byCodes, from: best, ef: ef, level: l, &scratch)
      if byCodes, found == ef, isDoubtful(scratch.pool.base, found, probe) {
        byCodes = false
        let start = UInt32(truncatingIfNeeded: best) & rowMask
        best = makeKey(measure(probe, byCodes: false, row: start, &scratch), start)
        found = walk(probe, byCodes: false, from: best, ef: ef, level: l, &scratch)
      }
      foundLast = found
      best = scratch.pool.base[0] & ~keyMark
      if byCodes {
        rerank(probe, count: found, &scratch)
      } else {
        for i in 0..<found { scratch.pool.base[i] &= ~keyMark }
      }
      lists[l] = select(
        scratch.pool.base, count: found, limit: links.m, into: scratch.chosen.base + l * links.m)
    }
    lists[0] = addNearest(scratch.pool.base, found: foundLast, to: scratch.chosen.base, count: lists[0])
    return lists
  }

  /// Whether codes cannot tell the nearest from the last of a full list: near duplicates.
  private func isDoubtful(_ pool: UnsafePointer<Key>, _ found: Int, _ probe: Probe) -> Bool {
    distance(of: pool[found - 1]) - distance(of: pool[0])
      <= ScalarQuantizer.doubtfulDeviations * probe.codeDeviation
  }

  /// Fills up a short list with the nearest candidates (the paper's `keepPrunedConnections`): each chosen neighbour
  /// links back, and a node with few links to it is hard to find.
  private func addNearest(
    _ candidates: UnsafePointer<Key>, found: Int, to chosen: UnsafeMutablePointer<UInt32>, count: Int
  ) -> Int {
    var count = count
    var i = 0
    while i < found, count < min(HNSWParameters.weakInDegree, links.m) {
      let row = row(of: candidates[i])
      i &+= 1
      if !(0..<count).contains(where: { chosen[$0] == row }) {
        chosen[count] = row
        count &+= 1
      }
    }
    return count
  }

  /// Neighbour selection by heuristic (algorithm 4): a candidate is taken if it is nearer to the base than to every
  /// one taken before. Marked candidates (tree edges) are always taken.
  ///
  /// - Parameter candidates: nearest first.
  func select(
    _ candidates: UnsafePointer<Key>, count: Int, limit: Int, into out: UnsafeMutablePointer<UInt32>
  ) -> Int {
    var reserved = 0
    for i in 0..<count where candidates[i] & keyMark != 0 { reserved &+= 1 }
    var taken = 0
    var i = 0
    while i < count, taken < limit {
      let key = candidates[i]
      i &+= 1
      if i < count { vk_prefetch(slab.vector(row(of: candidates[i])), 512) }
      if key & keyMark != 0 {
        out[taken] = UInt32(truncatingIfNeeded: key)
        taken &+= 1
        reserved &-= 1
      } else if taken &+ reserved < limit, isDiverse(key, out, taken) {
        out[taken] = row(of: key)
        taken &+= 1
      }
    }
    return taken
  }

  @inline(__always)
  private func isDiverse(_ key: Key, _ taken: UnsafePointer<UInt32>, _ count: Int) -> Bool {
    let (row, limit) = (row(of: key), distance(of: key))
    var i = 0
    while i < count {
      let between = slab.distance(row, taken[i] & rowMask)
      // Of equal vectors one is enough: they would fill the list of a node that is their equal, and lead nowhere else.
      if between < limit || between == limit && slab.areEqual(row, taken[i] & rowMask) { return false }
      i &+= 1
    }
    return true
  }

  /// Gives a new node its parent: the nearest chosen neighbour with room for a tree edge or, if none has, the first
  /// node with room below the nearest one in the tree. Afterwards the node is known to others.
  private func joinTree(_ row: UInt32, count: Int, _ scratch: inout Scratch) -> UInt32 {
    let own = links.links(row, level: 0)
    let chosen = scratch.chosen.base
    for i in 0..<count where tryParent(chosen[i], of: row, at: i, own, &scratch) { return chosen[i] }
    // Every node of a finite tree has a leaf below it, and a leaf has room: the walk ends unless other threads fill
    // each leaf just before us, in which case it goes on with the leaves they added.
    var queue = [chosen[0]]
    while let node = queue.popLast() {
      // A chosen node was full a moment ago, and takes no second place in the list.
      if !(0..<count).contains(where: { chosen[$0] == node }) {
        own.append(node)
        if tryParent(node, of: row, at: count, own, &scratch) { return node }
        own.replace(with: chosen, count: count)
      }
      queue.insert(contentsOf: children(of: node, &scratch), at: 0)
    }
    preconditionFailure("a finite tree without a leaf")
  }

  private func tryParent(
    _ parent: UInt32, of row: UInt32, at index: Int, _ own: LinkList, _ scratch: inout Scratch
  ) -> Bool {
    own.set(parent | ~rowMask, at: index)
    links.setParent(parent, of: row)
    if addLink(from: parent, to: row, level: 0, asTreeEdge: true, &scratch) { return true }
    own.set(parent, at: index)
    return false
  }

  private func children(of node: UInt32, _ scratch: inout Scratch) -> [UInt32] {
    let count = links.links(node, level: 0).copy(to: scratch.ids.base, limit: links.m0)
    let parent = links.parent(node)
    return (0..<count).map { scratch.ids.base[$0] }.filter { $0 & ~rowMask != 0 }.map { $0 & rowMask }
      .filter { $0 != parent }
  }

  /// Adds a link to a node's list, which is shrunk by the heuristic when it is full.
  ///
  /// - Returns: false if a tree edge was asked for and the node has no room for one.
  @discardableResult
  private func addLink(
    from node: UInt32, to row: UInt32, level: Int, asTreeEdge: Bool, _ scratch: inout Scratch
  ) -> Bool {
    links.lock(node)
    defer { links.unlock(node) }
    let list = links.links(node, level: level)
    let count = list.count
    var treeDegree = 0
    for i in 0..<count {
      if list.ids[i] & rowMask == row { return true }
      if list.ids[i] & ~rowMask != 0 { treeDegree &+= 1 }
    }
    if asTreeEdge, treeDegree >= parameters.maximumTreeDegree { return false }
    let id = asTreeEdge ? row | ~rowMask : row
    if level == 0 { links.addInDegree(1, to: row) }
    if count < links.limit(level) {
      list.append(id)
    } else {
      shrink(list, of: node, adding: id, level: level, &scratch)
    }
    return true
  }

  /// Cuts a full list and one more link back to `limit`. Tree edges stay, and so do links to nodes that few others
  /// link to.
  private func shrink(_ list: LinkList, of node: UInt32, adding id: UInt32, level: Int, _ scratch: inout Scratch) {
    let limit = links.limit(level)
    let count = list.count + 1
    let (ids, sorted) = (scratch.ids.base, scratch.sorted.base)
    for i in 0..<count {
      ids[i] = (i < count &- 1 ? list.ids[i] : id) & rowMask
      if level == 0 { links.prefetchHead(ids[i]) }
    }
    slab.distances(
      from: slab.probe(row: node), to: ids, count: count, pointers: scratch.pointers.base,
      into: scratch.distances.base)
    scratch.distanceCount &+= count
    for i in 0..<count {
      let mark = (i < count &- 1 ? list.ids[i] : id) & ~rowMask
      sorted[i] = makeKey(scratch.distances.base[i], ids[i]) | Key(mark)
    }
    sortNearlySorted(sorted, count: count)
    guard level == 0 else {
      let kept = select(sorted, count: count, limit: limit, into: ids)
      return list.replace(with: ids, count: kept)
    }
    protectWeakLinks(sorted, count: count, limit: limit - limit / 4)
    let kept = select(sorted, count: count, limit: limit, into: ids)
    // Marks of weak links do not go into the list.
    let parent = links.parent(node)
    for i in 0..<kept {
      let row = ids[i] & rowMask
      ids[i] = row == parent || links.parent(row) == node ? row | ~rowMask : row
    }
    list.replace(with: ids, count: kept)
    countDropped(sorted, count: count, kept: kept, &scratch)
  }

  /// Marks, nearest first, links to nodes that would be left with fewer than `weakInDegree` links to them.
  private func protectWeakLinks(_ keys: UnsafeMutablePointer<Key>, count: Int, limit: Int) {
    var marked = 0
    for i in 0..<count where keys[i] & keyMark != 0 { marked &+= 1 }
    var i = 0
    while i < count, marked < limit {
      if keys[i] & keyMark == 0, links.inDegree(row(of: keys[i])) <= HNSWParameters.weakInDegree {
        keys[i] |= keyMark
        marked &+= 1
      }
      i &+= 1
    }
  }

  /// Takes the dropped links off their targets' in-degree. Both lists are in the same order.
  private func countDropped(_ keys: UnsafePointer<Key>, count: Int, kept: Int, _ scratch: inout Scratch) {
    let ids = scratch.ids.base
    var next = 0
    for i in 0..<count {
      if next < kept, ids[next] & rowMask == row(of: keys[i]) {
        next &+= 1
      } else {
        links.addInDegree(-1, to: row(of: keys[i]))
      }
    }
  }
}
