package import ChromaModel

extension RecordTable.Snapshot {
  /// The live rows that pass a filter and, when given, are among `candidates`.
  ///
  /// - Complexity: a scan of the filter's columns, 64 rows a word; the tail is tested record by record.
  package func rows(matching filter: Where?, among candidates: RowBitmap? = nil) -> RowBitmap {
    guard let filter else { return candidates ?? live }
    let compiled = CompiledFilter(filter)
    let allowed = candidates ?? live
    var result = RowBitmap(rowCount: rowCount)
    for (index, block) in blocks.enumerated() {
      let firstWord = firstRow(ofBlock: index) / 64
      let words = (block.rowCount + 63) / 64
      var mask = BlockMask.none
      var isEmpty = true
      for word in 0..<words {
        mask.bits[word] = allowed.word(firstWord + word)
        if mask.bits[word] != 0 { isEmpty = false }
      }
      if isEmpty { continue }
      let found = compiled.rows(of: block, among: mask)
      for word in 0..<words where found.bits[word] != 0 { result.setWord(firstWord + word, found.bits[word]) }
    }
    for row in blockRows..<rowCount where allowed.contains(row) && compiled.matches(record(row)) {
      result.insert(row)
    }
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
