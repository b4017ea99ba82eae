package import ChromaModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Up to 2,048 consecutive rows as one immutable run of bytes: in memory while young, mapped from a segment file later.
///
/// Sections, each starting at a multiple of eight: versions, positions, ids, documents, URIs, metadata, metadata as
/// columns, trigrams of the documents. Everything that could lead outside the bytes is checked once, at opening.
/// Sendable since the bytes never change.
package final class RecordBlock: @unchecked Sendable {
  package static let capacity = 2048
  static let magic: UInt32 = 0x3242_5243  // "CRB2"

  /// Numbers of the sections in the header's table.
  enum Section: Int, CaseIterable {
    case versions, positions, idOffsets, ids, documentOffsets, documents, documentPresence, uriOffsets, uris,
      uriPresence, metadataKeyOffsets, metadataKeys, metadataOffsets, metadata, columnDirectory, columns, trigrams
  }

  package let bytes: UnsafeRawBufferPointer
  private let owner: any Sendable & AnyObject
  package let rowCount: Int
  let versions: UnsafePointer<Int64>
  let positions: UnsafePointer<Int64>
  let ids: TextList
  let documents: TextList
  let documentPresence: UnsafePointer<UInt64>
  let uris: TextList
  let uriPresence: UnsafePointer<UInt64>
  let metadataKeys: [String]
  let metadata: TextList
  let scalars: [String: [Column]]
  let arrays: [String: [Column]]
  let trigrams: UnsafeBufferPointer<UInt64>

  /// Opens bytes made by ``build(_:)``; `owner` keeps them where they are.
  ///
  /// - Throws: `.damaged` when they do not hold together.
  /// - Complexity: O(rows) for the checks of offsets.
  package init(
    bytes: UnsafeRawBufferPointer, owner: any Sendable & AnyObject, path: String = "memory"
  ) throws(StorageError) {
    let sections = try SectionTable(bytes, path: path)
    self.bytes = bytes
    self.owner = owner
    rowCount = sections.rowCount
    let words = (rowCount + 63) / 64
    versions = try sections.array(.versions, of: Int64.self, count: rowCount)
    positions = try sections.array(.positions, of: Int64.self, count: rowCount)
    ids = try sections.texts(.idOffsets, .ids, count: rowCount)
    documents = try sections.texts(.documentOffsets, .documents, count: rowCount)
    documentPresence = try sections.array(.documentPresence, of: UInt64.self, count: words)
    uris = try sections.texts(.uriOffsets, .uris, count: rowCount)
    uriPresence = try sections.array(.uriPresence, of: UInt64.self, count: words)
    metadataKeys = try sections.texts(.metadataKeyOffsets, .metadataKeys)
    metadata = try sections.texts(.metadataOffsets, .metadata, count: rowCount)
    (scalars, arrays) = try ColumnDirectory.read(
      sections.bytes(.columnDirectory), columns: sections.bytes(.columns), rowCount: rowCount, path: path)
    let slots = sections.bytes(.trigrams)
    trigrams = UnsafeBufferPointer(
      start: slots.baseAddress?.assumingMemoryBound(to: UInt64.self), count: slots.count / 8)
  }

  /// Bytes of memory of its own; 0 when it lies in a mapped file.
  var heapBytes: Int { owner is BlockMemory ? bytes.count : 0 }

  package func version(_ row: Int) -> Int64 { versions[row] }
  package func position(_ row: Int) -> Int64 { positions[row] }
  package func id(_ row: Int) -> String { ids.text(row) }
  package func idBytes(_ row: Int) -> UnsafeRawBufferPointer { ids.bytes(row) }

  package func document(_ row: Int) -> String? {
    documentPresence[row >> 6] >> UInt64(row & 63) & 1 != 0 ? documents.text(row) : nil
  }

  package func uri(_ row: Int) -> String? {
    uriPresence[row >> 6] >> UInt64(row & 63) & 1 != 0 ? uris.text(row) : nil
  }

  /// Empty when the record has none.
  package func metadata(_ row: Int) -> Metadata {
    MetadataEncoding.read(metadata.bytes(row), keys: metadataKeys) ?? [:]
  }

  /// The whole record, for an update that keeps part of it.
  package func record(_ row: Int) -> Record {
    Record(
      version: version(row), position: position(row), id: id(row), document: document(row), uri: uri(row),
      metadata: metadata(row))
  }
}

/// Memory a block was built in: pages of its own, so that they go back to the system when the block's file takes their
/// place, whatever else the heap holds by then.
final class BlockMemory: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  private let isMapped: Bool

  init(_ contents: [UInt8]) {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    let pages = contents.isEmpty ? nil : mmap(nil, contents.count, PROT_READ | PROT_WRITE, flags, -1, 0)
    if let pages, pages != MAP_FAILED {
      bytes = UnsafeMutableRawBufferPointer(start: pages, count: contents.count)
      isMapped = true
    } else {
      bytes = .allocate(byteCount: contents.count, alignment: 64)
      isMapped = false
    }
    bytes.copyBytes(from: contents)
  }

  deinit {
    if isMapped {
      munmap(bytes.baseAddress, bytes.count)
    } else {
      bytes.deallocate()
    }
  }
}

#if canImport(Darwin)
  private let MAP_ANONYMOUS = MAP_ANON
#endif

/// The header of a block: where its sections are.
struct SectionTable {
  static let headerBytes = 16 + RecordBlock.Section.allCases.count * 16

  let rowCount: Int
  private let all: UnsafeRawBufferPointer
  private let ranges: [Range<Int>]
  private let path: String

  init(_ all: UnsafeRawBufferPointer, path: String) throws(StorageError) {
    var reader = ByteReader(all)
    guard let magic = reader.integer(UInt32.self), magic == RecordBlock.magic,
      let rows = reader.integer(UInt32.self), rows <= RecordBlock.capacity,
      let sections = reader.integer(UInt64.self), sections == RecordBlock.Section.allCases.count
    else { throw .damaged(path: path, reason: "not a record block") }
    var ranges: [Range<Int>] = []
    for _ in RecordBlock.Section.allCases {
      guard let start = reader.integer(UInt64.self), let count = reader.integer(UInt64.self),
        start % 8 == 0, start <= all.count, count <= UInt64(all.count) - start
      else { throw .damaged(path: path, reason: "a section lies outside its block") }
      ranges.append(Int(start)..<Int(start + count))
    }
    self.all = all
    self.ranges = ranges
    self.path = path
    rowCount = Int(rows)
  }

  func bytes(_ section: RecordBlock.Section) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: all[ranges[section.rawValue]])
  }

  func array<T>(_ section: RecordBlock.Section, of: T.Type, count: Int) throws(StorageError) -> UnsafePointer<T> {
    let bytes = bytes(section)
    guard bytes.count == count * MemoryLayout<T>.stride, let base = all.baseAddress else {
      throw .damaged(path: path, reason: "section \(section) has the wrong length")
    }
    return (bytes.baseAddress ?? base).assumingMemoryBound(to: T.self)
  }

  func texts(
    _ offsets: RecordBlock.Section, _ texts: RecordBlock.Section, count: Int
  ) throws(StorageError) -> TextList {
    let starts = try array(offsets, of: UInt32.self, count: count + 1)
    return try Self.texts(starts, bytes(texts), count: count, path: path)
  }

  /// All texts of a list whose length its offsets tell.
  func texts(_ offsets: RecordBlock.Section, _ texts: RecordBlock.Section) throws(StorageError) -> [String] {
    let count = bytes(offsets).count / 4 - 1
    guard count >= 0 else { throw .damaged(path: path, reason: "section \(offsets) is empty") }
    let list = try self.texts(offsets, texts, count: count)
    return (0..<count).map(list.text)
  }

  static func texts(
    _ starts: UnsafePointer<UInt32>, _ bytes: UnsafeRawBufferPointer, count: Int, path: String
  ) throws(StorageError) -> TextList {
    guard starts[0] == 0, Int(starts[count]) == bytes.count, (0..<count).allSatisfy({ starts[$0] <= starts[$0 + 1] })
    else { throw .damaged(path: path, reason: "text offsets are out of order") }
    return TextList(offsets: starts, bytes: bytes, count: count)
  }
}
