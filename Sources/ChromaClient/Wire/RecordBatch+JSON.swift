import ChromaModel
import NIOCore

extension RecordBatch {
  /// The body of `add`, `update` or `upsert`.
  ///
  /// - Parameter base64: vectors as base64 of their bytes, which is a third of their text and much faster to read.
  /// - Throws: `invalidArgument` for what JSON cannot say: NaN and infinities.
  func json(base64: Bool) throws(ChromaError) -> ByteBuffer {
    var writer = JSONWriter(reserving: 1024 + ids.count * 48 + (embeddings?.values.count ?? 0) * (base64 ? 6 : 12))
    writer.raw("{\"ids\":[")
    for id in ids {
      writer.separate()
      writer.write(id)
    }
    writer.raw("]")
    if let embeddings { try writer.write(embeddings, base64: base64) }
    writer.write("documents", documents)
    writer.write("uris", uris)
    if let metadatas { try writer.write(metadatas) }
    writer.raw("}")
    return ByteBuffer(bytes: writer.bytes)
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ embeddings: EmbeddingBatch, base64: Bool) throws(ChromaError) {
    guard embeddings.values.allSatisfy(\.isFinite) else {
      throw .invalid("Validation error: embeddings: Embeddings must not contain NaN or Infinity values")
    }
    key("embeddings")
    raw("[")
    embeddings.values.withUnsafeBufferPointer { values in
      for index in 0..<embeddings.count {
        separate()
        guard let range = embeddings.range(index), range.upperBound <= values.count else {
          writeNull()
          continue
        }
        let vector = UnsafeBufferPointer(rebasing: values[range])
        if base64 { writeBase64(vector) } else { write(vector) }
      }
    }
    raw("]")
  }

  fileprivate mutating func write(_ name: String, _ column: [String?]?) {
    guard let column else { return }
    key(name)
    raw("[")
    for text in column {
      separate()
      if let text { write(text) } else { writeNull() }
    }
    raw("]")
  }

  fileprivate mutating func write(_ metadatas: [MetadataUpdate?]) throws(ChromaError) {
    key("metadatas")
    raw("[")
    for metadata in metadatas {
      separate()
      guard let metadata else {
        writeNull()
        continue
      }
      raw("{")
      for (name, value) in metadata {
        key(name)
        if let value { try write(value) } else { writeNull() }
      }
      raw("}")
    }
    raw("]")
  }

  /// One value of metadata.
  mutating func write(_ value: MetadataValue) throws(ChromaError) {
    let numbers: [Double]
    switch value {
    case .float(let number): numbers = [number]
    case .floats(let list): numbers = list
    default: numbers = []
    }
    guard numbers.allSatisfy(\.isFinite) else { throw .invalid("Metadata must not contain NaN or Infinity values") }
    switch value {
    case .bool(let flag): write(flag)
    case .int(let whole): write(whole)
    case .float(let number): write(number)
    case .string(let text): write(text)
    case .bools, .ints, .floats, .strings, .sparseVector: write(value.json)
    }
  }
}
