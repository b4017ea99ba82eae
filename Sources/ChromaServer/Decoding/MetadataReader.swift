import ChromaModel

extension BodyReader {
  /// Metadata of records: a list of objects and nulls.
  ///
  /// - Parameter allowsNullValues: as in updates, where null removes a key.
  mutating func metadatas(_ path: String, allowsNullValues: Bool) throws(ChromaError) -> [MetadataUpdate?] {
    var metadatas: [MetadataUpdate?] = []
    try array(path) { (reader, index) throws(ChromaError) in
      guard try !reader.takeNull() else {
        metadatas.append(nil)
        return
      }
      guard reader.cursor.peek() == UInt8(ascii: "{") else {
        throw reader.mismatch("\(path)[\(index)]", expected: "a map")
      }
      metadatas.append(try reader.metadata("\(path)[\(index)]", allowsNullValues: allowsNullValues))
    }
    return metadatas
  }

  /// One object of metadata; of a key given twice the last value counts.
  mutating func metadata(
    _ path: @autoclosure () -> String, allowsNullValues: Bool
  ) throws(ChromaError) -> MetadataUpdate {
    guard cursor.peek() == UInt8(ascii: "{") else { throw mismatch(path(), expected: "a map") }
    _ = cursor.take(UInt8(ascii: "{"))
    var metadata: MetadataUpdate = [:]
    if cursor.take(UInt8(ascii: "}")) { return metadata }
    repeat {
      let (key, value) = try json { (cursor) throws(JSONError) in
        let key = try cursor.string()
        try cursor.expect(UInt8(ascii: ":"))
        return (key, try cursor.value())
      }
      if let value = MetadataValue(json: value) {
        metadata.updateValue(value, forKey: key)
      } else if value.isNull, allowsNullValues {
        metadata.updateValue(nil, forKey: key)
      } else {
        let type = allowsNullValues ? "UpdateMetadataValue" : "MetadataValue"
        throw .shape("\(path()).\(key)", "data did not match any variant of untagged enum \(type)")
      }
    } while cursor.take(UInt8(ascii: ","))
    try json { (cursor) throws(JSONError) in try cursor.expect(UInt8(ascii: "}")) }
    return metadata
  }
}
