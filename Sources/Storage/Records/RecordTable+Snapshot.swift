package import ChromaModel

extension RecordTable {
  /// The table as it was at one moment. Copying costs a few references.
  package struct Snapshot: Sendable {
    package private(set) var blocks: [RecordBlock] = []
    /// First row of each block, and behind them the first row of the tail.
    private var starts: [Int] = [0]
    private(set) var tail = RecordTail()
    private var tailCount = 0
    /// Rows whose record is the current version of its id.
    package var live = RowBitmap()
    /// Whether the order of rows is the order of positions, so that no sorting is needed.
    package var isOrdered = true
    private var lastPosition = Int64.min
    /// Bytes of the blocks that are not mapped from a file.
    package private(set) var heapBlockBytes = 0
    /// Bytes of the blocks that are.
    package private(set) var mappedBlockBytes = 0
    /// Memory that records take outside mapped files, roughly.
    package var heapBytes: Int { heapBlockBytes + tailWeight }
    /// Memory of the records that are in no block yet, roughly.
    package private(set) var tailWeight = 0

    init() {}

    package var blockRows: Int { starts[starts.count - 1] }
    /// Rows, dead ones included.
    package var rowCount: Int { blockRows + tailCount }
    /// Records.
    package var count: Int { live.count }
    package var deadCount: Int { rowCount - live.count }

    mutating func append(_ block: RecordBlock) {
      blocks.append(block)
      heapBlockBytes += block.heapBytes
      mappedBlockBytes += block.bytes.count - block.heapBytes
      starts.append(blockRows + block.rowCount)
    }

    mutating func append(_ record: Record) throws(StorageError) {
      if tail.count != tailCount { tail = tail.copy(tailCount) }
      tail.append(record)
      tailCount += 1
      tailWeight = tail.weight
      if record.position < lastPosition { isOrdered = false }
      lastPosition = max(lastPosition, record.position)
      guard tail.isReadyToSeal else { return }
      append(try RecordBlock.build((0..<tailCount).map { tail[$0] }))
      tail = RecordTail()
      tailCount = 0
      tailWeight = 0
    }

    mutating func replaceBlock(_ index: Int, with block: RecordBlock) {
      let old = blocks[index]
      heapBlockBytes += block.heapBytes - old.heapBytes
      mappedBlockBytes += block.bytes.count - block.heapBytes - old.bytes.count + old.heapBytes
      blocks[index] = block
    }

    /// For a table read from disk: whether positions ascend over the live rows of its blocks.
    mutating func findOrder() {
      var last = Int64.min
      var isOrdered = true
      live.forEach { row in
        guard row < blockRows else { return }
        let position = position(row)
        if position < last { isOrdered = false }
        last = max(last, position)
      }
      lastPosition = last
      self.isOrdered = isOrdered
    }

    /// The block of a row and the row's number within it, or its slot in the tail.
    @inline(__always)
    private func place(_ row: Int) -> (block: Int, local: Int) {
      if row >= blockRows { return (-1, row - blockRows) }
      // Blocks are full but for rare early ones, so the guess is nearly always right.
      var index = min(row / RecordBlock.capacity, blocks.count - 1)
      while starts[index] > row { index -= 1 }
      while starts[index + 1] <= row { index += 1 }
      return (index, row - starts[index])
    }

    package func firstRow(ofBlock index: Int) -> Int { starts[index] }

    package func version(_ row: Int) -> Int64 {
      let (block, local) = place(row)
      return block < 0 ? tail[local].version : blocks[block].version(local)
    }

    package func position(_ row: Int) -> Int64 {
      let (block, local) = place(row)
      return block < 0 ? tail[local].position : blocks[block].position(local)
    }

    package func id(_ row: Int) -> String {
      let (block, local) = place(row)
      return block < 0 ? tail[local].id : blocks[block].id(local)
    }

    package func document(_ row: Int) -> String? {
      let (block, local) = place(row)
      return block < 0 ? tail[local].document : blocks[block].document(local)
    }

    package func uri(_ row: Int) -> String? {
      let (block, local) = place(row)
      return block < 0 ? tail[local].uri : blocks[block].uri(local)
    }

    /// Empty when the record has none.
    package func metadata(_ row: Int) -> Metadata {
      let (block, local) = place(row)
      return block < 0 ? tail[local].metadata : blocks[block].metadata(local)
    }

    package func record(_ row: Int) -> Record {
      let (block, local) = place(row)
      return block < 0 ? tail[local] : blocks[block].record(local)
    }

    func withIdBytes<T>(_ row: Int, _ body: (UnsafeRawBufferPointer) -> T) -> T {
      let (block, local) = place(row)
      if block >= 0 { return body(blocks[block].idBytes(local)) }
      var id = tail[local].id
      return id.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    /// Records in the tail, for a checkpoint: their versions in row order.
    package var tailVersions: [Int64] { (0..<tailCount).map { tail[$0].version } }
  }
}

extension RecordTail {
  /// The first `count` records in a tail of their own: when a write was prepared but not published.
  func copy(_ count: Int) -> RecordTail {
    let copy = RecordTail()
    for index in 0..<count { copy.append(self[index]) }
    return copy
  }
}
