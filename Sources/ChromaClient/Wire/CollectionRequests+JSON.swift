import ChromaModel
import NIOCore

extension CreateCollectionRequest {
  /// The body that creates a collection.
  func json() throws(ChromaError) -> ByteBuffer {
    var writer = JSONWriter()
    writer.raw("{\"name\":")
    writer.write(name)
    try writer.write("metadata", metadata?.asUpdate)
    if let configuration {
      writer.key("configuration")
      writer.write(configuration.json)
    }
    if let schema {
      writer.key("schema")
      writer.write(schema.json)
    }
    writer.key("get_or_create")
    writer.write(getOrCreate)
    writer.raw("}")
    return ByteBuffer(bytes: writer.bytes)
  }
}

extension UpdateCollectionRequest {
  /// The body that changes a collection.
  func json() throws(ChromaError) -> ByteBuffer {
    var writer = JSONWriter()
    writer.raw("{")
    if let newName {
      writer.key("new_name")
      writer.write(newName)
    }
    try writer.write("new_metadata", newMetadata)
    if let newConfiguration {
      writer.key("new_configuration")
      writer.write(newConfiguration.json)
    }
    writer.raw("}")
    return ByteBuffer(bytes: writer.bytes)
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ name: String, _ metadata: MetadataUpdate?) throws(ChromaError) {
    guard let metadata else { return }
    key(name)
    raw("{")
    for (name, value) in metadata {
      key(name)
      if let value { try write(value) } else { writeNull() }
    }
    raw("}")
  }
}
