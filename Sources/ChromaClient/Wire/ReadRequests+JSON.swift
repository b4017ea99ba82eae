import ChromaModel
import NIOCore

extension GetRequest {
  /// The body of `get`.
  func json() throws(ChromaError) -> ByteBuffer {
    var writer = JSONWriter()
    writer.raw("{")
    try writer.write(filter)
    writer.write("limit", limit)
    writer.write("offset", offset)
    writer.write(include)
    writer.raw("}")
    return ByteBuffer(bytes: writer.bytes)
  }
}

extension QueryRequest {
  /// The body of `query`. Its vectors are numbers: servers take base64 only in writes.
  ///
  /// - Throws: `invalidArgument` when a vector holds NaN, which JSON cannot say.
  func json() throws(ChromaError) -> ByteBuffer {
    var writer = JSONWriter(reserving: 512 + embeddings.values.count * 12)
    writer.raw("{\"query_embeddings\":[")
    for index in 0..<embeddings.count {
      guard let vector = embeddings.vector(index) else { throw .invalid("Question \(index) has no vector") }
      writer.separate()
      writer.raw("[")
      for value in vector {
        writer.separate()
        guard !value.isNaN else { throw .invalid("The vector of question \(index) contains NaN") }
        // Overflows to the same infinity where it is read.
        if value.isFinite { writer.write(value) } else { writer.raw(value < 0 ? "-1e39" : "1e39") }
      }
      writer.raw("]")
    }
    writer.raw("]")
    try writer.write(filter)
    writer.write("n_results", nResults)
    writer.write(include)
    if explain {
      writer.key("explain")
      writer.write(true)
    }
    writer.raw("}")
    return ByteBuffer(bytes: writer.bytes)
  }
}

extension DeleteRequest {
  /// The body of `delete`. A list of no ids without a test, which the wire has no words for, is left out: what names
  /// nothing deletes nothing.
  func json() throws(ChromaError) -> ByteBuffer {
    var filter = filter
    if filter.predicate == nil, filter.ids?.isEmpty ?? false { filter.ids = nil }
    var writer = JSONWriter()
    writer.raw("{")
    try writer.write(filter)
    writer.write("limit", limit)
    writer.raw("}")
    return ByteBuffer(bytes: writer.bytes)
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ name: String, _ count: Int?) {
    guard let count else { return }
    key(name)
    write(count)
  }

  fileprivate mutating func write(_ include: [Include]) {
    key("include")
    write(.array(include.map { .string($0.rawValue) }))
  }

  fileprivate mutating func write(_ filter: RecordFilter) throws(ChromaError) {
    if let ids = filter.ids {
      key("ids")
      raw("[")
      for id in ids {
        separate()
        write(id)
      }
      raw("]")
    }
    guard let clauses = try filter.predicate?.clauses() else { return }
    if let clause = clauses.metadata {
      key("where")
      write(clause)
    }
    if let clause = clauses.document {
      key("where_document")
      write(clause)
    }
  }
}
