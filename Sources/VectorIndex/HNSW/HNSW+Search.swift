import Synchronization

package enum SearchStrategy: Sendable, CaseIterable {
  /// Through the graph, with a scan of the rows that wait for their links. Rows outside the set lead the way.
  case graph
  /// As `graph` without codes, to compare with.
  case graphFloat32
  /// Every row of the set, by codes; the best ones exactly.
  case scan
  /// Every row of the set, exactly: the definition.
  case exact

  var walksGraph: Bool { self == .graph || self == .graphFloat32 }
}

/// Finding rows.
extension HNSWIndex {
  /// The `k` rows of `rows` nearest to `query`, closest first; ties by lower row.
  ///
  /// - Parameters:
  ///   - query: one vector, shape `[dimension]`. Components that are not finite are allowed: distances are then NaN or
  ///     infinite, and the order is that of the rows.
  ///   - k: any number; the answer has min(k, rows) rows, also when the graph alone finds fewer.
  ///   - ef: length of the candidate list, at least `k` is used. Larger finds more and takes longer.
  ///   - rows: the rows that may be returned.
  /// - Throws: `.dimensionMismatch`.
  /// - Complexity: `.graph` about O(ef · m · dimension) times rows / rows allowed; `.scan` and `.exact`
  ///   O(rows allowed · dimension).
  package func search(
    _ query: UnsafeBufferPointer<Float>, k: Int, ef: Int, within rows: RowSet, strategy: SearchStrategy = .graph
  ) throws(VectorIndexError) -> SearchResult {
    guard query.count == dimension else {
      throw .dimensionMismatch(expected: dimension, received: query.count)
    }
    let bound = min(rowCount, rows.rowCount)
    let wanted = min(k, rows.count, bound)
    guard wanted > 0, bound > 0 else { return SearchResult(neighbors: [], visited: 0, distances: 0) }
    return ScratchPool.shared.withScratch { scratch in
      // A candidate list longer than the graph is never filled.
      let ef = min(max(ef, wanted), max(linkedCount, wanted))
      let width = max(ef, min(Self.keptByWalk(wanted: wanted), linkedCount))
      scratch.reserve(rows: rowCount, candidates: width, links: links.m0, layout: slab.layout)
      let probe = probe(query, &scratch)
      let search = Search(probe: probe, rows: rows, bound: bound, wanted: wanted, ef: ef, strategy: strategy)
      let entry = entryPoint.load(ordering: .acquiring)
      if strategy.walksGraph, EntryPoint.level(entry) >= 0, let result = searchGraph(search, width: width, &scratch) {
        return result
      }
      return scanAll(search, byCodes: strategy != .exact, &scratch)
    }
  }

  private struct Search {
    let probe: Probe
    let rows: RowSet
    let bound: Int
    let wanted: Int
    let ef: Int
    let strategy: SearchStrategy

    var byCodes: Bool { strategy != .graphFloat32 && strategy != .exact && probe.codes != nil }
  }

  private func probe(_ query: UnsafeBufferPointer<Float>, _ scratch: inout Scratch) -> Probe {
    let padded = scratch.query.base
    for i in 0..<dimension { padded[i] = query[i] }
    for i in dimension..<slab.layout.stride { padded[i] = 0 }
    return slab.probe(padded, codes: scratch.codes.base)
  }

  private func scanAll(_ search: Search, byCodes: Bool, _ scratch: inout Scratch) -> SearchResult {
    let best = scan(search, byCodes: byCodes, pendingOnly: false, &scratch)
    return SearchResult(
      neighbors: best.map { Neighbor(row: row(of: $0), distance: distance(of: $0)) }, visited: scratch.visitedCount,
      distances: scratch.distanceCount, scanned: true)
  }

  /// The wanted rows of a scan, by exact distance, nearest first; in `scratch.best`.
  ///
  /// Many rows are first measured by codes, a quarter of the memory to read. Those that the codes' error could have put
  /// among the wanted ones are then measured exactly; where these are too many, all are.
  private func scan(
    _ search: Search, byCodes: Bool, pendingOnly: Bool, _ scratch: inout Scratch
  ) -> UnsafeMutableBufferPointer<Key> {
    let kept = Self.keptByScan(wanted: search.wanted)
    let rows = pendingOnly ? min(pendingCount, search.rows.count) : search.rows.count
    if byCodes, search.probe.codes != nil, rows >= Self.rowsWorthCodes, kept < rows / 4 {
      let best = offerAll(search, byCodes: true, limit: kept, pendingOnly, &scratch).sorted()
      guard let last = best.last else { return best }
      let farthest = distance(of: last)
      let error = rerank(search.probe, best, &scratch)
      let doubtful = distance(of: best[min(search.wanted, best.count) - 1]) + search.probe.doubt(seen: error)
      // The comparison is false for NaN, which then means measuring all.
      if best.count < kept || farthest > doubtful {
        return UnsafeMutableBufferPointer(rebasing: best.prefix(search.wanted))
      }
    }
    return offerAll(search, byCodes: false, limit: search.wanted, pendingOnly, &scratch).sorted()
  }

  private func offerAll(
    _ search: Search, byCodes: Bool, limit: Int, _ pendingOnly: Bool, _ scratch: inout Scratch
  ) -> SmallestKeys {
    scratch.reserveBest(limit)
    var best = SmallestKeys(heap: scratch.best.base, limit: limit)
    let scan = RowScan(slab: slab, probe: search.probe, byCodes: byCodes)
    if pendingOnly {
      scan.scanPending(pending, search.rows, bound: search.bound, best: &best, scratch: &scratch)
    } else {
      scan.scan(search.rows, bound: search.bound, best: &best, scratch: &scratch)
    }
    return best
  }

  /// Below, rows are compared exactly, whatever the codes' error: at 384 dimensions that takes 50 µs more at most, and a
  /// small collection gets the answer by definition.
  package static let rowsWorthCodes = 2_048

  /// Waiting rows by a scan, the others through the graph. `nil` when that finds too few.
  private func searchGraph(_ search: Search, width: Int, _ scratch: inout Scratch) -> SearchResult? {
    // First the scan: a row that is linked meanwhile is then seen twice rather than not at all.
    let waiting = scan(search, byCodes: search.byCodes, pendingOnly: true, &scratch)
    let found =
      search.byCodes
      ? walkByCodes(search, width: width, &scratch) : walkGraph(search, ef: search.ef, byCodes: false, &scratch)
    let merged = merge(waiting, UnsafeBufferPointer(start: scratch.pool.base, count: found), limit: search.wanted)
    guard merged.count == search.wanted else { return nil }
    return SearchResult(neighbors: merged, visited: scratch.visitedCount, distances: scratch.distanceCount)
  }

  /// Walks by codes, then measures exactly what the codes' error could have put among the wanted rows. Leaves what was
  /// measured in the pool.
  ///
  /// Codes cannot tell near duplicates apart. Where rows that a longer list would have held are as near as the last
  /// wanted one but for the codes' error, it walks on float32 instead.
  private func walkByCodes(_ search: Search, width: Int, _ scratch: inout Scratch) -> Int {
    let found = walkGraph(search, ef: width, byCodes: true, &scratch)
    guard found > 0 else { return 0 }
    let pool = scratch.pool.base
    let last = distance(of: pool[found - 1])
    var measured = min(found, search.wanted + Self.measuredBesides)
    let error = rerank(search.probe, count: measured, &scratch)
    let doubtful = distance(of: pool[min(measured, search.wanted) - 1]) + search.probe.doubt(seen: error)
    if last <= doubtful, found >= keepCount(search, ef: width) {
      return walkGraph(search, ef: search.ef, byCodes: false, &scratch)
    }
    let first = measured
    while measured < found, distance(of: pool[measured]) <= doubtful { measured &+= 1 }
    if measured > first {
      rerank(search.probe, UnsafeMutableBufferPointer(start: pool + first, count: measured &- first), &scratch)
      sortNearlySorted(pool, count: measured)
    }
    return measured
  }

  /// Candidates measured at once besides the wanted ones: they narrow down which others could be among these.
  private static let measuredBesides = 6

  /// The least a walk by codes keeps. A list that is no longer than what is wanted of it always leaves the doubt whether
  /// the next row, which it does not hold, is nearer than the last.
  private static func keptByWalk(wanted: Int) -> Int { wanted + wanted / 4 + 2 }

  /// The length of the list a walk fills.
  private func keepCount(_ search: Search, ef: Int) -> Int {
    let share = Double(min(search.rows.count, search.bound)) / Double(max(search.bound, 1))
    return FilteredWalk.resultCount(wanted: search.wanted, ef: ef, share: share)
  }

  /// Leaves allowed rows in the pool, nearest first, by approximate or exact distance.
  private func walkGraph(_ search: Search, ef: Int, byCodes: Bool, _ scratch: inout Scratch) -> Int {
    let entry = entryPoint.load(ordering: .acquiring)
    let entryRow = EntryPoint.row(entry)
    let probe = search.probe
    var start = makeKey(measure(probe, byCodes: byCodes, row: entryRow, &scratch), entryRow)
    for level in stride(from: EntryPoint.level(entry), to: 0, by: -1) {
      start = descend(probe, byCodes: byCodes, from: start, level: level, &scratch)
    }
    let (pool, rows, bound) = (scratch.pool.base, search.rows, search.bound)
    if rows.count >= bound, rowCount == bound {
      let met = walk(probe, byCodes: byCodes, from: start, ef: ef, level: 0, &scratch)
      // Rows appended since the set was made may have come up.
      var found = 0
      for i in 0..<met where Int(row(of: pool[i])) < bound {
        pool[found] = pool[i] & ~keyMark
        found &+= 1
      }
      sortNearlySorted(pool, count: found)
      return found
    }
    let keep = keepCount(search, ef: ef)
    let found = walkFiltered(probe, byCodes: byCodes, from: start, keep: keep, rows: rows, bound: bound, &scratch)
    sortNearlySorted(pool, count: found)
    return found
  }

  /// How many rows a scan by codes keeps. With the codes' error the wanted ones are nearly always among three times as
  /// many; 32 more are for small `k`.
  static func keptByScan(wanted: Int) -> Int {
    let (count, overflows) = wanted.multipliedReportingOverflow(by: 3)
    return overflows || count > .max - 32 ? .max : count + 32
  }

  private func merge(
    _ a: UnsafeMutableBufferPointer<Key>, _ b: UnsafeBufferPointer<Key>, limit: Int
  ) -> [Neighbor] {
    var (i, j) = (0, 0)
    return [Neighbor](unsafeUninitializedCapacity: limit) { out, count in
      while count < limit, i < a.count || j < b.count {
        let key: Key
        if j == b.count || i < a.count && a[i] <= b[j] {
          key = a[i]
          // The same row has the same exact distance both ways, hence the same key.
          if j < b.count, b[j] == key { j &+= 1 }
          i &+= 1
        } else {
          key = b[j]
          j &+= 1
        }
        out.initializeElement(at: count, to: Neighbor(row: row(of: key), distance: distance(of: key)))
        count &+= 1
      }
    }
  }
}
