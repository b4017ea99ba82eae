import ChromaModel

extension GetResult {
  /// Reads the answer to `get`.
  init(from cursor: inout JSONCursor) throws(JSONError) {
    var columns = RecordColumns()
    var include: [Include] = []
    try cursor.members { (cursor, name) throws(JSONError) in
      switch name {
      case "ids": columns.ids = try cursor.list { (cursor) throws(JSONError) in try cursor.string() }
      case "include": include = try cursor.include()
      default: try columns.read(name, from: &cursor)
      }
    }
    try columns.check(cursor)
    self.init(records: columns, include: include)
  }
}

extension QueryResult {
  /// Reads the answer to `query`.
  init(from cursor: inout JSONCursor) throws(JSONError) {
    var groups: [RecordColumns] = []
    var distances: [[Float]]?
    var include: [Include] = []
    var explanation: QueryExplanation?
    try cursor.members { (cursor, name) throws(JSONError) in
      switch name {
      case "include": include = try cursor.include()
      case "explain": explanation = QueryExplanation(json: try cursor.value())
      case "distances":
        distances = try cursor.optionalList { (cursor) throws(JSONError) in
          try cursor.list { (cursor) throws(JSONError) in
            // What is not finite has no JSON: an overflow, which is as far as can be.
            try cursor.takeNull() ? .infinity : try cursor.float()
          }
        }
      case "ids", "embeddings", "documents", "uris", "metadatas":
        guard try !cursor.takeNull() else { return }
        var index = 0
        try cursor.elements { (cursor) throws(JSONError) in
          if index == groups.count { groups.append(RecordColumns()) }
          if name == "ids" {
            groups[index].ids = try cursor.list { (cursor) throws(JSONError) in try cursor.string() }
          } else {
            try groups[index].read(name, from: &cursor)
          }
          index += 1
        }
      default: try cursor.skipValue()
      }
    }
    for group in groups { try group.check(cursor) }
    if let distances {
      guard distances.map(\.count) == groups.map(\.ids.count) else {
        throw cursor.problem("ids and distances differ in number")
      }
    }
    self.init(records: groups, distances: distances, include: include, explanation: explanation)
  }
}

extension RecordColumns {
  /// Reads one column, or passes over what is none.
  fileprivate mutating func read(_ name: String, from cursor: inout JSONCursor) throws(JSONError) {
    switch name {
    case "embeddings": embeddings = try cursor.takeNull() ? nil : try EmbeddingBatch(from: &cursor)
    case "documents":
      documents = try cursor.optionalList { (cursor) throws(JSONError) in try cursor.optionalString() }
    case "uris": uris = try cursor.optionalList { (cursor) throws(JSONError) in try cursor.optionalString() }
    case "metadatas":
      metadatas = try cursor.optionalList { (cursor) throws(JSONError) in try Metadata(from: &cursor) }
    default: try cursor.skipValue()
    }
  }

  /// Every column that is there has a row for each id.
  fileprivate func check(_ cursor: borrowing JSONCursor) throws(JSONError) {
    for count in [embeddings?.count, documents?.count, uris?.count, metadatas?.count] {
      guard let count, count != ids.count else { continue }
      throw JSONError(offset: cursor.offset, reason: "\(ids.count) ids, but a column of \(count)")
    }
  }
}

extension EmbeddingBatch {
  /// Reads a list of vectors of one length, among them nulls.
  fileprivate init(from cursor: inout JSONCursor) throws(JSONError) {
    var values: [Float] = []
    var dimension: Int?
    var slots: [Int] = []
    var stored = 0
    try cursor.elements { (cursor) throws(JSONError) in
      if try cursor.takeNull() {
        slots.append(-1)
        return
      }
      let start = values.count
      try cursor.expect(UInt8(ascii: "["))
      repeat {
        switch cursor.peek() {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): values.append(try cursor.float())
        default:
          // The official server has null for a number that overflowed on the way through a cosine index.
          guard try cursor.takeNull() else { throw cursor.problem("expected a number") }
          values.append(.nan)
        }
      } while cursor.take(UInt8(ascii: ","))
      try cursor.expect(UInt8(ascii: "]"))
      let length = values.count - start
      guard length == dimension ?? length else {
        throw cursor.problem("a vector of \(length) numbers behind one of \(dimension ?? 0)")
      }
      dimension = length
      slots.append(stored)
      stored += 1
    }
    self.init(dimension: dimension ?? 0, values: values, slots: stored == slots.count ? nil : slots)
  }
}

extension Metadata {
  /// Reads an object, or null; an empty one says as little as null does.
  fileprivate init?(from cursor: inout JSONCursor) throws(JSONError) {
    if try cursor.takeNull() { return nil }
    var metadata: Metadata = [:]
    try cursor.members { (cursor, name) throws(JSONError) in
      guard let value = MetadataValue(json: try cursor.value()) else {
        throw cursor.problem("the value of \"\(name)\" is none of metadata")
      }
      metadata[name] = value
    }
    if metadata.isEmpty { return nil }
    self = metadata
  }
}

extension JSONCursor {
  /// The columns an answer names; those of later versions are passed over.
  fileprivate mutating func include() throws(JSONError) -> [Include] {
    try (optionalList { (cursor) throws(JSONError) in try cursor.string() } ?? []).compactMap(Include.init)
  }
}
