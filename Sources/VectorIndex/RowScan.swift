/// Measuring the rows of a set one after another: exactly, which is the answer by definition, or by codes.
struct RowScan {
  let slab: VectorSlab
  let probe: Probe
  /// The probe must have codes then.
  let byCodes: Bool

  /// Offers each row of `rows` below `bound` to `best`.
  ///
  /// - Complexity: O(rows.count · dimension), plus one look at each 64 rows.
  func scan(_ rows: RowSet, bound: Int, best: inout SmallestKeys, scratch: inout Scratch) {
    var batch = 0
    let words = (min(bound, rows.rowCount) + 63) >> 6
    for index in 0..<words {
      let word = rows.word(index, bound: bound)
      if word == .max, !byCodes {
        scanFull(UInt32(truncatingIfNeeded: index &<< 6), best: &best, scratch: &scratch)
      } else if word != 0 {
        add(word, at: index, batch: &batch, best: &best, scratch: &scratch)
      }
    }
    flush(&batch, best: &best, scratch: &scratch)
  }

  /// Offers each row of `rows` below `bound` that is not yet in the graph. One look at each 4,096 rows that are.
  func scanPending(
    _ pending: PendingRows, _ rows: RowSet, bound: Int, best: inout SmallestKeys, scratch: inout Scratch
  ) {
    var batch = 0
    for block in 0..<((bound + PendingRows.rowsPerBlock - 1) / PendingRows.rowsPerBlock)
    where pending.hasPending(block: block) {
      let first = block * PendingRows.wordsPerBlock
      for index in first..<(first + PendingRows.wordsPerBlock) {
        let word = rows.word(index, bound: bound)
        if word == 0 { continue }
        let waiting = word & ~pending.linkedWord(index)
        if waiting != 0 { add(waiting, at: index, batch: &batch, best: &best, scratch: &scratch) }
      }
    }
    flush(&batch, best: &best, scratch: &scratch)
  }

  /// 64 rows lie in one chunk, since a chunk holds a multiple of them.
  private func scanFull(_ first: UInt32, best: inout SmallestKeys, scratch: inout Scratch) {
    let out = scratch.distances.base
    slab.distances(from: probe, first: first, count: 64, into: out)
    scratch.distanceCount &+= 64
    for i in 0..<64 { best.offer(makeKey(out[i], first &+ UInt32(i))) }
  }

  private func add(_ word: UInt64, at index: Int, batch: inout Int, best: inout SmallestKeys, scratch: inout Scratch) {
    let ids = scratch.ids.base
    var bits = word
    while bits != 0 {
      ids[batch] = UInt32(truncatingIfNeeded: index &<< 6 &+ bits.trailingZeroBitCount)
      batch &+= 1
      bits &= bits &- 1
    }
    if batch >= 128 { flush(&batch, best: &best, scratch: &scratch) }
  }

  private func flush(_ batch: inout Int, best: inout SmallestKeys, scratch: inout Scratch) {
    guard batch > 0 else { return }
    let (ids, out) = (scratch.ids.base, scratch.distances.base)
    if byCodes {
      slab.codeDistances(
        from: probe, to: ids, count: batch, pointers: scratch.pointers.base, dots: scratch.dots.base, into: out)
    } else {
      slab.distances(from: probe, to: ids, count: batch, pointers: scratch.pointers.base, into: out)
    }
    scratch.distanceCount &+= batch
    for i in 0..<batch { best.offer(makeKey(out[i], ids[i])) }
    batch = 0
  }
}
