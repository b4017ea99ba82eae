/// What memory goes into: what the server asks of whoever keeps the data.
package protocol MemoryAPI: Sendable {
  /// The process and its open collections at about this moment.
  func memory() async throws(ChromaError) -> MemoryReport
  /// Whether writers are held back until there is room again: not the time to receive much. Cheap to ask.
  var isShortOfMemory: Bool { get }
}

/// Bytes by where they are and what they are for.
package struct MemoryReport: Sendable, Hashable {
  /// Bytes the process is to stay under, mapped files aside; `nil` where nobody set any.
  package var budget: Int?
  /// Of the process, as the system counts them: memory that only it has, and resident pages of files, which the system
  /// takes back when it needs them.
  package var anonymous: Int
  package var mapped: Int
  /// Free bytes that the heap holds on to; among `anonymous`.
  package var freeHeap: Int
  /// Requests to write that wait for room.
  package var heldWrites: Int
  /// The open ones, the largest first. An idle collection that is closed takes nothing.
  package var collections: [CollectionMemory]

  package init(
    budget: Int?, anonymous: Int, mapped: Int, freeHeap: Int, heldWrites: Int, collections: [CollectionMemory]
  ) {
    self.budget = budget
    self.anonymous = anonymous
    self.mapped = mapped
    self.freeHeap = freeHeap
    self.heldWrites = heldWrites
    self.collections = collections
  }

  /// - Parameter bodies: bytes of request bodies that are being received or read.
  package func json(bodiesInFlight bodies: Int) -> JSONValue {
    [
      "budget": budget.map { .int(Int64($0)) } ?? .null,
      "process": [
        "anonymous": .int(Int64(anonymous)), "mapped": .int(Int64(mapped)), "free_heap": .int(Int64(freeHeap)),
      ],
      "bodies_in_flight": .int(Int64(bodies)), "held_writes": .int(Int64(heldWrites)),
      "collections": .array(collections.map(\.json)),
    ]
  }
}

/// One open collection's bytes by kind.
package struct CollectionMemory: Sendable, Hashable {
  package var id: Identifier
  package var name: String
  package var path: DatabasePath
  package var rows: Int
  /// Rows of records that were deleted or replaced; compaction removes them.
  package var deadRows: Int
  package var bytes: Kinds

  package init(id: Identifier, name: String, path: DatabasePath, rows: Int, deadRows: Int, bytes: Kinds) {
    self.id = id
    self.name = name
    self.path = path
    self.rows = rows
    self.deadRows = deadRows
    self.bytes = bytes
  }

  package struct Kinds: Sendable, Hashable {
    /// Vectors not yet in a file, and those whose pages are a file's.
    package var vectors = 0
    package var vectorsMapped = 0
    /// 8-bit codes of the vectors, and the graph's links: what a search walks.
    package var codes = 0
    package var links = 0
    /// The newest records, and blocks of records not yet in a file.
    package var recentRecords = 0
    package var blocks = 0
    package var blocksMapped = 0
    /// From ids to rows, and which rows are live.
    package var ids = 0
    /// Pages and statements that SQLite keeps.
    package var database = 0

    package init() {}

    /// All but what is mapped from files.
    package var anonymous: Int { vectors + codes + links + recentRecords + blocks + ids + database }
    /// At most so much is resident of the files.
    package var mapped: Int { vectorsMapped + blocksMapped }
  }

  package var json: JSONValue {
    [
      "id": .string(id.description), "name": .string(name), "tenant": .string(path.tenant),
      "database": .string(path.database), "rows": .int(Int64(rows)), "dead_rows": .int(Int64(deadRows)),
      "anonymous": .int(Int64(bytes.anonymous)), "mapped": .int(Int64(bytes.mapped)),
      "bytes": [
        "vectors": .int(Int64(bytes.vectors)), "vectors_mapped": .int(Int64(bytes.vectorsMapped)),
        "codes": .int(Int64(bytes.codes)), "links": .int(Int64(bytes.links)),
        "recent_records": .int(Int64(bytes.recentRecords)), "blocks": .int(Int64(bytes.blocks)),
        "blocks_mapped": .int(Int64(bytes.blocksMapped)), "ids": .int(Int64(bytes.ids)),
        "database": .int(Int64(bytes.database)),
      ],
    ]
  }
}
