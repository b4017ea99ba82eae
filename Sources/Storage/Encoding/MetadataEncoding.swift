internal import ChromaModel

/// One record's metadata as bytes: keys in order, each by its number in a list of keys, with a type and a value.
enum MetadataEncoding {
  private enum Tag: UInt8 {
    case `false` = 0, `true` = 1, int = 2, float = 3, string = 4, bools = 5, ints = 6, floats = 7, strings = 8,
      sparse = 9
  }

  /// - Parameter numbers: the number of every key of the metadata.
  static func append(_ metadata: Metadata, numbers: [String: Int], to writer: inout ByteWriter) {
    writer.appendCount(metadata.count)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      writer.appendCount(numbers[key] ?? 0)
      append(value, to: &writer)
    }
  }

  private static func append(_ value: MetadataValue, to writer: inout ByteWriter) {
    func tag(_ tag: Tag) { writer.append(tag.rawValue) }
    switch value {
    case .bool(let flag): tag(flag ? .true : .false)
    case .int(let whole):
      tag(.int)
      writer.append(whole)
    case .float(let number):
      tag(.float)
      writer.append(number)
    case .string(let text):
      tag(.string)
      writer.append(text)
    case .bools(let flags):
      tag(.bools)
      writer.appendCount(flags.count)
      for flag in flags { writer.append(UInt8(flag ? 1 : 0)) }
    case .ints(let wholes):
      tag(.ints)
      writer.appendCount(wholes.count)
      for whole in wholes { writer.append(whole) }
    case .floats(let numbers):
      tag(.floats)
      writer.appendCount(numbers.count)
      for number in numbers { writer.append(number) }
    case .strings(let texts):
      tag(.strings)
      writer.appendCount(texts.count)
      for text in texts { writer.append(text) }
    case .sparseVector(let sparse):
      tag(.sparse)
      writer.appendCount(sparse.indices.count)
      for index in sparse.indices { writer.append(index) }
      for value in sparse.values { writer.append(value) }
      writer.append(UInt8(sparse.tokens == nil ? 0 : 1))
      for token in sparse.tokens ?? [] { writer.append(token) }
    }
  }

  /// - Parameter keys: the list the numbers count in.
  /// - Returns: `nil` for bytes that were not written by ``append(_:numbers:to:)``.
  static func read(_ bytes: UnsafeRawBufferPointer, keys: [String]) -> Metadata? {
    var reader = ByteReader(bytes)
    guard let count = reader.count() else { return nil }
    var metadata = Metadata(minimumCapacity: min(count, bytes.count))
    for _ in 0..<count {
      guard let number = reader.count(), keys.indices.contains(number), let value = value(&reader) else { return nil }
      metadata[keys[number]] = value
    }
    return reader.isAtEnd ? metadata : nil
  }

  private static func value(_ reader: inout ByteReader) -> MetadataValue? {
    guard let byte = reader.integer(UInt8.self), let tag = Tag(rawValue: byte) else { return nil }
    switch tag {
    case .false: return .bool(false)
    case .true: return .bool(true)
    case .int: return reader.integer(Int64.self).map(MetadataValue.int)
    case .float: return reader.double().map(MetadataValue.float)
    case .string: return reader.text().map(MetadataValue.string)
    case .bools: return list(&reader) { $0.integer(UInt8.self).map { $0 != 0 } }.map(MetadataValue.bools)
    case .ints: return list(&reader) { $0.integer(Int64.self) }.map(MetadataValue.ints)
    case .floats: return list(&reader) { $0.double() }.map(MetadataValue.floats)
    case .strings: return list(&reader) { $0.text() }.map(MetadataValue.strings)
    case .sparse:
      guard let count = reader.count(),
        let indices = list(&reader, count: count, { $0.integer(UInt32.self) }),
        let values = list(&reader, count: count, { $0.float() }), let hasTokens = reader.integer(UInt8.self)
      else { return nil }
      var sparse = SparseVector(indices: indices, values: values)
      if hasTokens != 0 {
        guard let tokens = list(&reader, count: count, { $0.text() }) else { return nil }
        sparse.tokens = tokens
      }
      return .sparseVector(sparse)
    }
  }

  private static func list<T>(_ reader: inout ByteReader, _ element: (inout ByteReader) -> T?) -> [T]? {
    guard let count = reader.count() else { return nil }
    return list(&reader, count: count, element)
  }

  private static func list<T>(_ reader: inout ByteReader, count: Int, _ element: (inout ByteReader) -> T?) -> [T]? {
    var values: [T] = []
    for _ in 0..<count {
      guard let value = element(&reader) else { return nil }
      values.append(value)
    }
    return values
  }
}
