package import ChromaModel
import Synchronization

/// One version of one record. An update makes a new version; nothing ever changes an old one.
package final class Record: Sendable {
  /// The key in the collection's database: ascending, not reused.
  package let version: Int64
  /// Where the record stands in the order of `get`: given at its first add and kept by its updates.
  package let position: Int64
  package let id: String
  package let document: String?
  package let uri: String?
  /// Empty when the record has none.
  package let metadata: Metadata

  package init(
    version: Int64, position: Int64, id: String, document: String?, uri: String?, metadata: Metadata
  ) {
    self.version = version
    self.position = position
    self.id = id
    self.document = document
    self.uri = uri
    self.metadata = metadata
  }

  /// Bytes the record takes in memory and in a block, roughly.
  var weight: Int {
    metadata.reduce(96 + id.utf8.count + (document?.utf8.count ?? 0) + (uri?.utf8.count ?? 0)) { sum, entry in
      sum + 48 + entry.key.utf8.count + entry.value.weight
    }
  }
}

extension MetadataValue {
  fileprivate var weight: Int {
    switch self {
    case .bool, .int, .float: 0
    case .string(let text): text.utf8.count
    case .bools(let values): values.count
    case .ints(let values): values.count * 8
    case .floats(let values): values.count * 8
    case .strings(let texts): texts.reduce(0) { $0 + 16 + $1.utf8.count }
    case .sparseVector(let sparse):
      sparse.indices.count * 8 + (sparse.tokens ?? []).reduce(0) { $0 + 16 + $1.utf8.count }
    }
  }
}

/// The newest records, not yet in a block: appended by one writer, read by anyone up to the count they were told.
///
/// Sendable since a slot is written once, before the count that covers it is published under a lock.
package final class RecordTail: @unchecked Sendable {
  static let capacity = RecordBlock.capacity
  private let slots: UnsafeMutablePointer<Record>
  /// A block of the first of these rows, for filters alone; rows behind it are tested one by one.
  let draft = Mutex<RecordBlock?>(nil)
  private(set) var count = 0
  private(set) var weight = 0

  init() { slots = .allocate(capacity: Self.capacity) }

  deinit {
    slots.deinitialize(count: count)
    slots.deallocate()
  }

  /// Only the writer calls this, and only while there is room.
  func append(_ record: Record) {
    precondition(count < Self.capacity)
    (slots + count).initialize(to: record)
    count += 1
    weight += record.weight
  }

  /// The record in slot `index`, which must be below a published count.
  subscript(index: Int) -> Record { slots[index] }

  /// A block takes rows in whole words of 64, so that its part of a bitmap is its own.
  var isReadyToSeal: Bool { count == Self.capacity || (count % 64 == 0 && weight >= 64 << 20) }
}
