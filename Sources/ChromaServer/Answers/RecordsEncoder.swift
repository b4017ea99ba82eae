import ChromaModel

/// Writes the answer to `get` or `query` column by column, a part at a time.
///
/// Large answers never stand in memory as text: each call goes on where the one before stopped.
struct RecordsEncoder: Sendable {
  /// One for each question; a `get` has one.
  private let groups: [RecordColumns]
  private let distances: [[Float]]?
  private let include: [Include]
  private let explanation: QueryExplanation?
  /// A `query` has a list for each question in each column.
  private let isNested: Bool
  /// How the list of what was included begins.
  private let includeOpening: StaticString

  private var column = 0
  private var group = 0
  private var row = 0

  init(_ result: GetResult, _ dialect: Dialect = .modern) {
    groups = [result.records]
    distances = nil
    include = result.include
    explanation = nil
    isNested = false
    includeOpening = dialect.includeOpening
  }

  init(_ result: QueryResult, _ dialect: Dialect = .modern) {
    groups = result.records
    distances = result.distances
    include = result.include
    explanation = result.explanation
    isNested = true
    includeOpening = dialect.includeOpening
  }

  /// Writes on until `writer` holds at least `size` bytes or all is written.
  /// - Returns: whether all is written.
  mutating func write(to writer: inout JSONWriter, size: Int) -> Bool {
    let columns = isNested ? Column.query : Column.get
    while column < columns.count {
      if group == 0, row == 0 { writer.raw(columns[column].opening) }
      guard includes(columns[column]) else {
        writer.raw("null")
        column += 1
        continue
      }
      guard write(columns[column], to: &writer, size: size) else { return false }
      column += 1
      group = 0
      row = 0
    }
    writer.raw(includeOpening)
    for name in include {
      writer.separate()
      writer.write(name.rawValue)
    }
    writer.raw("]")
    if let explanation {
      writer.raw(",\"explain\":")
      writer.write(explanation.json)
    }
    writer.raw("}")
    return true
  }

  private func includes(_ column: Column) -> Bool { column.include.map(include.contains) ?? true }

  /// - Returns: whether the column is written to its end.
  private mutating func write(_ column: Column, to writer: inout JSONWriter, size: Int) -> Bool {
    if isNested, group == 0, row == 0 { writer.raw("[") }
    while group < groups.count {
      if row == 0 {
        if group > 0 { writer.raw(",") }
        writer.raw("[")
      }
      let count = groups[group].ids.count
      while row < count {
        if row > 0 { writer.raw(",") }
        write(column, row, of: groups[group], to: &writer)
        row += 1
        // Not at a row 0, which would look like a list not begun.
        if writer.bytes.count >= size { return false }
      }
      writer.raw("]")
      group += 1
      row = 0
    }
    if isNested { writer.raw("]") }
    return true
  }

  private func write(_ column: Column, _ row: Int, of records: RecordColumns, to writer: inout JSONWriter) {
    switch column {
    case .ids: writer.write(records.ids[row])
    case .documents: writer.write(records.documents.flatMap { $0.indices.contains(row) ? $0[row] : nil })
    case .uris: writer.write(records.uris.flatMap { $0.indices.contains(row) ? $0[row] : nil })
    case .metadatas: writer.write(records.metadatas.flatMap { $0.indices.contains(row) ? $0[row] : nil })
    case .embeddings:
      guard let embeddings = records.embeddings, row < embeddings.count, let range = embeddings.range(row) else {
        return writer.writeNull()
      }
      embeddings.values.withUnsafeBufferPointer { writer.write(UnsafeBufferPointer(rebasing: $0[range])) }
    case .distances:
      guard let distances, distances.indices.contains(group), distances[group].indices.contains(row) else {
        return writer.writeNull()
      }
      writer.write(distances[group][row])
    }
  }

  private enum Column: Sendable {
    case ids, embeddings, documents, uris, metadatas, distances

    static let get: [Column] = [.ids, .embeddings, .documents, .uris, .metadatas]
    static let query: [Column] = [.ids, .embeddings, .documents, .uris, .metadatas, .distances]

    var opening: StaticString {
      switch self {
      case .ids: "{\"ids\":"
      case .embeddings: ",\"embeddings\":"
      case .documents: ",\"documents\":"
      case .uris: ",\"uris\":"
      case .metadatas: ",\"metadatas\":"
      case .distances: ",\"distances\":"
      }
    }

    /// `nil` for what every answer holds.
    var include: Include? {
      switch self {
      case .ids: nil
      case .embeddings: .embeddings
      case .documents: .documents
      case .uris: .uris
      case .metadatas: .metadatas
      case .distances: .distances
      }
    }
  }
}

extension Dialect {
  /// Before 1.0 there was a column more, for what a client loads from URIs itself, and the list had another name.
  fileprivate var includeOpening: StaticString {
    isClassic ? ",\"data\":null,\"included\":[" : ",\"include\":["
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ text: String?) {
    if let text { write(text) } else { writeNull() }
  }

  /// Without Chroma's own keys; `null` when nothing is left.
  fileprivate mutating func write(_ metadata: Metadata?) {
    var isEmpty = true
    for (key, value) in metadata ?? [:] where !key.hasPrefix(reservedPrefix) {
      raw(isEmpty ? "{" : ",")
      isEmpty = false
      write(key)
      raw(":")
      write(value)
    }
    if isEmpty { writeNull() } else { raw("}") }
  }

  fileprivate mutating func write(_ value: MetadataValue) {
    switch value {
    case .bool(let flag): write(flag)
    case .int(let whole): write(whole)
    case .float(let number): write(number)
    case .string(let text): write(text)
    case .bools, .ints, .floats, .strings, .sparseVector: write(value.json)
    }
  }
}
