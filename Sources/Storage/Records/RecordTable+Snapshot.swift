package import ChromaModel
import Synchronization

extension RecordTable {
  /// The table as it was at one moment. Copying costs a few references.
  package struct Snapshot: Sendable {
    package private(set) var blocks: [RecordBlock] = []
    /// First row of each block, and behind them the first row of the tail.
    private var starts: [Int] = [0]
    /// Full tails that are going to be blocks, in row order; behind the last block.
    private(set) var unsealed: [RecordTail] = []
    /// First row of the tail.
    private var tailStart = 0
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
    package var tailWeight: Int { unsealedWeight + newestWeight }
    private var unsealedWeight = 0
    private var newestWeight = 0

    init() {}

    package var blockRows: Int { starts[starts.count - 1] }
    /// Rows, dead ones included.
    package var rowCount: Int { tailStart + tailCount }
    /// Records.
    package var count: Int { live.count }
    package var deadCount: Int { rowCount - live.count }

    /// Full tails that wait to become blocks.
    package var unsealedCount: Int { unsealed.count }

    /// Rows of the tail that the next draft would take and the last one has not.
    package var undraftedCount: Int { tailCount / 64 * 64 - (tail.draft.withLock { $0?.rowCount } ?? 0) }

    /// A block of the tail's first rows with the first row's number; perhaps of more rows than this snapshot has.
    var draft: (block: RecordBlock, firstRow: Int)? { tail.draft.withLock { $0 }.map { ($0, tailStart) } }

    /// Records for a draft of the tail.
    var draftRecords: [Record] { (0..<tailCount / 64 * 64).map { tail[$0] } }

    /// Only for a table that is read from its blocks.
    mutating func append(_ block: RecordBlock) {
      add(block)
      tailStart = blockRows
    }

    private mutating func add(_ block: RecordBlock) {
      blocks.append(block)
      heapBlockBytes += block.heapBytes
      mappedBlockBytes += block.bytes.count - block.heapBytes
      starts.append(blockRows + block.rowCount)
    }

    /// Puts the block that was made of the first unsealed tail in its place.
    mutating func seal(with block: RecordBlock) {
      unsealedWeight -= unsealed.removeFirst().weight
      add(block)
    }

    mutating func append(_ record: Record) {
      if tail.count != tailCount { tail = tail.copy(tailCount) }
      tail.append(record)
      tailCount += 1
      newestWeight = tail.weight
      if record.position < lastPosition { isOrdered = false }
      lastPosition = max(lastPosition, record.position)
      guard tail.isReadyToSeal else { return }
      unsealed.append(tail)
      unsealedWeight += newestWeight
      tailStart += tailCount
      tail = RecordTail()
      tailCount = 0
      newestWeight = 0
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

    /// The block of a row and the row's number within it; −1 for one that is in no block yet.
    @inline(__always)
    private func place(_ row: Int) -> (block: Int, local: Int) {
      if row >= blockRows { return (-1, row) }
      // Blocks are full but for rare early ones, so the guess is nearly always right.
      var index = min(row / RecordBlock.capacity, blocks.count - 1)
      while starts[index] > row { index -= 1 }
      while starts[index + 1] <= row { index += 1 }
      return (index, row - starts[index])
    }

    /// The record of a row that is in no block yet.
    private func young(_ row: Int) -> Record {
      if row >= tailStart { return tail[row - tailStart] }
      var start = blockRows
      // As many as wait at most: few, but for a moment after an opening.
      for tail in unsealed {
        if row < start + tail.count { return tail[row - start] }
        start += tail.count
      }
      preconditionFailure("row \(row) of \(rowCount)")
    }

    package func firstRow(ofBlock index: Int) -> Int { starts[index] }

    package func version(_ row: Int) -> Int64 {
      let (block, local) = place(row)
      return block < 0 ? young(local).version : blocks[block].version(local)
    }

    package func position(_ row: Int) -> Int64 {
      let (block, local) = place(row)
      return block < 0 ? young(local).position : blocks[block].position(local)
    }

    package func id(_ row: Int) -> String {
      let (block, local) = place(row)
      return block < 0 ? young(local).id : blocks[block].id(local)
    }

    package func document(_ row: Int) -> String? {
      let (block, local) = place(row)
      return block < 0 ? young(local).document : blocks[block].document(local)
    }

    package func uri(_ row: Int) -> String? {
      let (block, local) = place(row)
      return block < 0 ? young(local).uri : blocks[block].uri(local)
    }

    /// Empty when the record has none.
    package func metadata(_ row: Int) -> Metadata {
      let (block, local) = place(row)
      return block < 0 ? young(local).metadata : blocks[block].metadata(local)
    }

    package func record(_ row: Int) -> Record {
      let (block, local) = place(row)
      return block < 0 ? young(local) : blocks[block].record(local)
    }

    func withIdBytes<T>(_ row: Int, _ body: (UnsafeRawBufferPointer) -> T) -> T {
      let (block, local) = place(row)
      if block >= 0 { return body(blocks[block].idBytes(local)) }
      var id = young(local).id
      return id.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    /// Records in no block, for a checkpoint: their versions in row order.
    package var tailVersions: [Int64] { (blockRows..<rowCount).map { young($0).version } }
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
