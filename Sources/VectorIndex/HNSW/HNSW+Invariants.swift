import Synchronization

/// What must hold between calls. For tests and bug reports: it reads the whole graph.
extension HNSWIndex {
  /// The rules that are broken, in words; empty when all hold. No thread may be linking.
  ///
  /// - Complexity: O(rows · m).
  package func checkInvariants() -> [String] {
    var broken: [String] = []
    let count = rowCount
    var inDegree = [Int](repeating: 0, count: count)
    var lists: [[UInt32]] = []
    var highest = -1
    var linkedRows = 0
    for row in 0..<UInt32(count) {
      guard pending.isLinked(row) else {
        lists.append([])
        continue
      }
      linkedRows += 1
      highest = max(highest, links.level(row))
      for level in 0...links.level(row) {
        let ids = marked(row, level: level)
        check(ids, of: row, level: level, count: count, &broken)
        guard level == 0 else { continue }
        for id in ids where Int(id & rowMask) < count { inDegree[Int(id & rowMask)] += 1 }
        lists.append(ids)
      }
    }
    if linkedRows != linkedCount { broken.append("\(linkedRows) rows linked, counted \(linkedCount)") }
    let entry = entryPoint.load(ordering: .acquiring)
    if EntryPoint.level(entry) != highest { broken.append("entry at level \(EntryPoint.level(entry)) of \(highest)") }
    if linkedRows > 0, links.level(EntryPoint.row(entry)) != highest { broken.append("entry row is not so high") }
    for row in 0..<UInt32(count) where pending.isLinked(row) {
      if inDegree[Int(row)] != links.inDegree(row) {
        broken.append("row \(row) has \(inDegree[Int(row)]) links to it, counted \(links.inDegree(row))")
      }
      if linkedRows > 1, inDegree[Int(row)] == 0 { broken.append("no link to row \(row)") }
    }
    checkTree(lists, linkedRows: linkedRows, &broken)
    return broken
  }

  private func marked(_ row: UInt32, level: Int) -> [UInt32] {
    let limit = links.limit(level)
    return [UInt32](unsafeUninitializedCapacity: limit + 2) { out, count in
      guard let base = out.baseAddress else { return }
      count = links.links(row, level: level).copy(to: base, limit: limit)
    }
  }

  private func check(_ ids: [UInt32], of row: UInt32, level: Int, count: Int, _ broken: inout [String]) {
    let place = "row \(row), level \(level)"
    if links.links(row, level: level).count > links.limit(level) { broken.append("\(place): too many links") }
    if Set(ids.map { $0 & rowMask }).count != ids.count { broken.append("\(place): a link twice") }
    for id in ids {
      let other = id & rowMask
      if Int(other) >= count || !pending.isLinked(other) {
        broken.append("\(place): link to \(other), not in the graph")
      } else if links.level(other) < level {
        broken.append("\(place): link to \(other), which ends at level \(links.level(other))")
      }
      if other == row { broken.append("\(place): link to itself") }
      if level > 0, id != other { broken.append("\(place): a tree edge") }
    }
  }

  /// Marked links join each node and its parent, both ways, and all nodes hang together by them.
  private func checkTree(_ lists: [[UInt32]], linkedRows: Int, _ broken: inout [String]) {
    var roots: [UInt32] = []
    var children: [UInt32: [UInt32]] = [:]
    for row in 0..<UInt32(lists.count) where pending.isLinked(row) {
      let parent = links.parent(row)
      if parent == LinkStore.noParent {
        roots.append(row)
        continue
      }
      children[parent, default: []].append(row)
      if Int(parent) >= lists.count || !lists[Int(parent)].contains(row | ~rowMask) {
        broken.append("row \(row): no tree edge from its parent \(parent)")
      }
      if !lists[Int(row)].contains(parent | ~rowMask) { broken.append("row \(row): no tree edge to its parent") }
    }
    for row in 0..<UInt32(lists.count) where pending.isLinked(row) {
      let degree = lists[Int(row)].count { $0 & ~rowMask != 0 }
      let expected = (children[row]?.count ?? 0) + (links.parent(row) == LinkStore.noParent ? 0 : 1)
      if degree != expected { broken.append("row \(row): \(degree) tree edges, expected \(expected)") }
    }
    if linkedRows > 0, roots.count != 1 { broken.append("\(roots.count) roots") }
    var reached = 0
    while let row = roots.popLast() {
      reached += 1
      roots += children[row] ?? []
    }
    if reached != linkedRows { broken.append("the tree reaches \(reached) of \(linkedRows) rows") }
  }
}
