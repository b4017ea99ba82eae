/// Walking when only some rows may be returned: the others are walked through, but not kept.
enum FilteredWalk {
  /// How many allowed rows to collect before stopping.
  ///
  /// An unfiltered walk keeps `ef` rows so that the `wanted` best are surely among them. A filtered one passes
  /// 1/share nodes for each row it keeps, and so needs less margin: it shrinks with the root of the share.
  static func resultCount(wanted: Int, ef: Int, share: Double) -> Int {
    guard ef > wanted else { return wanted }
    let kept = Double(wanted) + (Double(ef - wanted) * share.squareRoot()).rounded(.up)
    // Before it becomes a whole number: a list may be set as long as a number can be.
    return kept < Double(ef) ? Int(kept) : ef
  }
}

extension HNSWIndex {
  /// Algorithm 2 with the paper's two queues: candidates of all kinds in a heap without limit, allowed rows in a
  /// sorted list of `keep`. Stops when no candidate is nearer than the last of a full list.
  ///
  /// Leaves the allowed rows in `scratch.pool` and gives their number.
  func walkFiltered(
    _ probe: Probe, byCodes: Bool, from start: Key, keep: Int, rows: RowSet, bound: Int, _ scratch: inout Scratch
  ) -> Int {
    let epoch = scratch.nextEpoch()
    let startRow = Int(row(of: start))
    if startRow >= scratch.tagCapacity { scratch.growTags(to: startRow + 1) }
    scratch.tags[startRow] = epoch
    let pool = scratch.pool.base
    var found = 0
    var waiting = 0
    scratch.growFrontier(0)
    pushSmallest(start, to: scratch.frontier.base, count: &waiting)
    if startRow < bound, rows.contains(row(of: start)) { _ = insert(start, into: pool, count: &found, limit: keep) }
    while waiting > 0 {
      let key = popSmallest(from: scratch.frontier.base, count: &waiting)
      if found == keep, key >> 32 > pool[found &- 1] >> 32 { break }
      if waiting > 0 { links.prefetch(row(of: scratch.frontier.base[0]), level: 0) }
      scratch.visitedCount &+= 1
      let unseen = unseenLinks(of: row(of: key), level: 0, epoch: epoch, &scratch)
      measure(probe, byCodes: byCodes, count: unseen, &scratch)
      for i in 0..<unseen {
        let id = scratch.ids.base[i]
        let key = makeKey(scratch.distances.base[i], id)
        if found == keep, key >> 32 >= pool[found &- 1] >> 32 { continue }
        scratch.growFrontier(waiting)
        pushSmallest(key, to: scratch.frontier.base, count: &waiting)
        if Int(id) < bound, rows.contains(id) { _ = insert(key, into: pool, count: &found, limit: keep) }
      }
    }
    return found
  }
}
