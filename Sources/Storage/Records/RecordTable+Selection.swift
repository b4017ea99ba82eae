package import ChromaModel

extension RecordTable.Snapshot {
  /// The live rows that pass a filter and, when given, are among `candidates`.
  ///
  /// - Parameter enough: stops once at least so many are found; they are the first ones in row order.
  /// - Complexity: a scan of the filter's columns, 64 rows a word; rows in no block are tested record by record.
  package func rows(matching filter: Where?, among candidates: RowBitmap? = nil, enough: Int = .max) -> RowBitmap {
    guard let filter else { return candidates ?? live }
    let compiled = CompiledFilter(filter)
    let allowed = candidates ?? live
    var result = RowBitmap(rowCount: rowCount)
    var mask = BlockMask.none
    for (index, block) in blocks.enumerated() {
      if result.count >= enough { return result }
      let firstWord = firstRow(ofBlock: index) / 64
      let words = (block.rowCount + 63) / 64
      guard allowed.read(from: firstWord, count: words, into: &mask) else { continue }
      result.setWords(from: firstWord, compiled.rows(of: block, among: mask), count: words)
    }
    func test(_ rows: Range<Int>) {
      for row in rows where allowed.contains(row) {
        if result.count >= enough { return }
        if compiled.matches(record(row)) { result.insert(row) }
      }
    }
    guard let (block, start) = draft else {
      test(blockRows..<rowCount)
      return result
    }
    test(blockRows..<start)
    // Rows that the draft has and this snapshot has not are not allowed either.
    let words = min((block.rowCount + 63) / 64, (rowCount - start + 63) / 64)
    if result.count < enough, allowed.read(from: start / 64, count: words, into: &mask) {
      for word in words..<BlockMask.words { mask.bits[word] = 0 }
      result.setWords(from: start / 64, compiled.rows(of: block, among: mask), count: words)
    }
    test(min(start + block.rowCount, rowCount)..<rowCount)
    return result
  }

  /// Rows of `selection` in the order of `get`, from `offset` on, at most `limit`.
  package func ordered(_ selection: RowBitmap, offset: Int, limit: Int?) -> [Int] {
    let wanted = min(limit ?? Int.max, max(0, selection.count - min(offset, selection.count)))
    guard wanted > 0 else { return [] }
    var rows: [Int] = []
    if isOrdered {
      rows.reserveCapacity(wanted)
      var skipped = 0
      selection.forEachUntil { row in
        if skipped < offset { skipped += 1 } else { rows.append(row) }
        return rows.count < wanted
      }
      return rows
    }
    rows.reserveCapacity(selection.count)
    selection.forEach { rows.append($0) }
    let keyed = rows.map { (position: position($0), row: $0) }.sorted { $0.position < $1.position }
    return keyed[offset..<(offset + wanted)].map(\.row)
  }
}

extension RecordTable.Snapshot {
  /// Rows after which a filter need not look for more: an answer takes the first ones in the order of rows.
  package func enough(offset: Int, limit: Int?) -> Int {
    guard isOrdered, let limit else { return .max }
    let (sum, overflows) = max(0, offset).addingReportingOverflow(max(0, limit))
    return overflows ? .max : sum
  }
}

extension RowBitmap {
  /// The rows, ascending, until `body` returns false.
  func forEachUntil(_ body: (Int) -> Bool) {
    for index in 0..<(capacity / 64) {
      var word = word(index)
      while word != 0 {
        guard body(index << 6 | word.trailingZeroBitCount) else { return }
        word &= word &- 1
      }
    }
  }
}
