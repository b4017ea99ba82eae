internal import ChromaModel

/// Metadata turned from rows to columns, for filters: each key and type of a block with its values side by side.
enum ColumnDirectory {
  private static let isArray: UInt8 = 0x80
  private static let isListed: UInt8 = 0x40

  /// Values of one key and type on their way into a block.
  private struct Builder {
    var rows: [UInt16] = []
    var starts: [UInt32] = [0]
    var bools: [UInt8] = []
    var ints: [Int64] = []
    var floats: [Double] = []
    var strings: [String] = []

    var elementCount: Int { bools.count + ints.count + floats.count + strings.count }
  }

  /// What a column holds, by kind; texts as numbers into the sorted list of them.
  private enum Values {
    case bools, ints, floats
    case strings(codes: [UInt32], words: [[UInt8]])

    init(_ builder: Builder, _ kind: Column.Kind) {
      switch kind {
      case .bool: self = .bools
      case .int: self = .ints
      case .float: self = .floats
      case .string:
        // Sorted by bytes, so that a filter finds its text by halving.
        let texts = builder.strings.map { Array($0.utf8) }
        let words = Set(texts).sorted { $0.lexicographicallyPrecedes($1) }
        var codes: [[UInt8]: UInt32] = [:]
        for (code, word) in words.enumerated() { codes[word] = UInt32(code) }
        self = .strings(codes: texts.map { codes[$0] ?? 0 }, words: words)
      }
    }

    /// The column in the order of its values, NaN last, and of rows where those are equal.
    func sorted(with builder: Builder) -> (Builder, Values) {
      var sorted = builder
      var values = self
      func order(_ isLess: (Int, Int) -> Bool) -> [Int] {
        let order = builder.rows.indices.sorted { isLess($0, $1) || (!isLess($1, $0) && $0 < $1) }
        sorted.rows = order.map { builder.rows[$0] }
        return order
      }
      switch self {
      case .bools: sorted.bools = order { builder.bools[$0] < builder.bools[$1] }.map { builder.bools[$0] }
      case .ints: sorted.ints = order { builder.ints[$0] < builder.ints[$1] }.map { builder.ints[$0] }
      case .floats:
        let floats = builder.floats
        sorted.floats = order { floats[$0] < floats[$1] || (!floats[$0].isNaN && floats[$1].isNaN) }
          .map { floats[$0] }
      case .strings(let codes, let words):
        values = .strings(codes: order { codes[$0] < codes[$1] }.map { codes[$0] }, words: words)
      }
      return (sorted, values)
    }
  }

  private struct Key: Hashable {
    var name: String
    var kind: Column.Kind
    var isArray: Bool
  }

  /// - Returns: the directory and the columns it points into.
  static func build(_ records: [Record]) -> (directory: [UInt8], columns: [UInt8]) {
    var builders: [Key: Builder] = [:]
    for (row, record) in records.enumerated() {
      for (name, value) in record.metadata {
        func add(_ kind: Column.Kind, isArray: Bool, _ append: (inout Builder) -> Void) {
          let key = Key(name: name, kind: kind, isArray: isArray)
          var builder = builders.removeValue(forKey: key) ?? Builder()
          append(&builder)
          builder.rows.append(UInt16(row))
          builder.starts.append(UInt32(truncatingIfNeeded: builder.elementCount))
          builders[key] = builder
        }
        switch value {
        case .bool(let flag): add(.bool, isArray: false) { $0.bools.append(flag ? 1 : 0) }
        case .int(let whole): add(.int, isArray: false) { $0.ints.append(whole) }
        case .float(let number): add(.float, isArray: false) { $0.floats.append(number) }
        case .string(let text): add(.string, isArray: false) { $0.strings.append(text) }
        case .bools(let flags): add(.bool, isArray: true) { $0.bools += flags.map { $0 ? 1 : 0 } }
        case .ints(let wholes): add(.int, isArray: true) { $0.ints += wholes }
        case .floats(let numbers): add(.float, isArray: true) { $0.floats += numbers }
        case .strings(let texts): add(.string, isArray: true) { $0.strings += texts }
        case .sparseVector: break
        }
      }
    }
    var directory = ByteWriter()
    var columns = ByteWriter()
    directory.appendCount(builders.count)
    for (key, builder) in builders.sorted(by: {
      ($0.key.name, $0.key.kind.rawValue) < ($1.key.name, $1.key.kind.rawValue)
    }) {
      let isListed = !key.isArray || builder.rows.count < records.count
      directory.append(key.name)
      directory.append(
        key.kind.rawValue | (key.isArray ? isArray : 0) | (isListed ? Self.isListed : 0))
      directory.appendCount(builder.rows.count)
      directory.appendCount(columns.bytes.count)
      let values = Values(builder, key.kind)
      let sorted = key.isArray ? (builder, values) : values.sorted(with: builder)
      if isListed { columns.append(contentsOf: sorted.0.rows) }
      columns.align(to: 8)
      if key.isArray {
        columns.append(contentsOf: builder.starts)
      } else {
        columns.append(contentsOf: masks(sorted.0.rows, of: records.count))
      }
      columns.align(to: 8)
      append(sorted.0, sorted.1, to: &columns)
      columns.align(to: 8)
    }
    return (directory.bytes, columns.bytes)
  }

  /// The rows of the first 256, 512, … values.
  private static func masks(_ rows: [UInt16], of rowCount: Int) -> [UInt64] {
    var masks: [UInt64] = []
    var mask = [UInt64](repeating: 0, count: (rowCount + 63) / 64)
    for (index, row) in rows.enumerated() {
      mask[Int(row) >> 6] |= 1 << UInt64(row & 63)
      if (index + 1).isMultiple(of: Column.maskStep) { masks += mask }
    }
    return masks
  }

  private static func append(_ builder: Builder, _ values: Values, to columns: inout ByteWriter) {
    switch values {
    case .bools: columns.append(contentsOf: builder.bools)
    case .ints: columns.append(contentsOf: builder.ints)
    case .floats: columns.append(contentsOf: builder.floats.map(\.bitPattern))
    case .strings(let codes, let words):
      columns.append(contentsOf: codes)
      columns.align(to: 8)
      columns.append(UInt64(words.count))
      var ends: [UInt32] = [0]
      for word in words { ends.append((ends.last ?? 0) &+ UInt32(truncatingIfNeeded: word.count)) }
      columns.append(contentsOf: ends)
      for word in words { columns.append(bytes: word) }
    }
  }

  /// - Returns: the columns of scalars and those of arrays, by key.
  /// - Throws: `.damaged` when something lies outside the bytes.
  static func read(
    _ directory: UnsafeRawBufferPointer, columns: UnsafeRawBufferPointer, rowCount: Int, path: String
  ) throws(StorageError) -> (scalars: [String: [Column]], arrays: [String: [Column]]) {
    let damaged = StorageError.damaged(path: path, reason: "metadata columns do not hold together")
    var reader = ByteReader(directory)
    var result: (scalars: [String: [Column]], arrays: [String: [Column]]) = ([:], [:])
    guard let columnCount = reader.count() else { throw damaged }
    for _ in 0..<columnCount {
      guard let name = reader.text(), let flags = reader.integer(UInt8.self),
        let kind = Column.Kind(rawValue: flags & 0x3f), let count = reader.count(), count <= rowCount,
        let start = reader.count(), start % 8 == 0
      else { throw damaged }
      var cursor = AlignedCursor(bytes: columns, offset: start)
      var rows: UnsafePointer<UInt16>?
      if flags & isListed != 0 {
        guard let listed: UnsafePointer<UInt16> = cursor.take(count),
          (0..<count).allSatisfy({ Int(listed[$0]) < rowCount })
        else { throw damaged }
        rows = listed
      } else if count != rowCount || flags & isArray == 0 {
        throw damaged
      }
      var starts: UnsafePointer<UInt32>?
      var masks: UnsafePointer<UInt64>?
      let maskWords = (rowCount + 63) / 64
      var elementCount = count
      if flags & isArray != 0 {
        guard let list: UnsafePointer<UInt32> = cursor.take(count + 1), list[0] == 0,
          (0..<count).allSatisfy({ list[$0] <= list[$0 + 1] })
        else { throw damaged }
        starts = list
        elementCount = Int(list[count])
      } else {
        masks = cursor.take(count / Column.maskStep * maskWords)
        guard masks != nil else { throw damaged }
      }
      guard let values = values(kind, elementCount, &cursor, path) else { throw damaged }
      let column = Column(
        kind: kind, count: count, rows: rows, starts: starts, masks: masks, maskWords: maskWords,
        elements: values.elements, dictionary: values.dictionary)
      if starts == nil {
        result.scalars[name, default: []].append(column)
      } else {
        result.arrays[name, default: []].append(column)
      }
    }
    return result
  }

  private static func values(
    _ kind: Column.Kind, _ count: Int, _ cursor: inout AlignedCursor, _ path: String
  ) -> (elements: UnsafeRawPointer, dictionary: TextList)? {
    guard let empty: UnsafePointer<UInt32> = cursor.take(0) else { return nil }
    let noTexts = TextList(offsets: empty, bytes: UnsafeRawBufferPointer(start: nil, count: 0), count: 0)
    switch kind {
    case .bool:
      guard let elements: UnsafePointer<UInt8> = cursor.take(count) else { return nil }
      return (UnsafeRawPointer(elements), noTexts)
    case .int, .float:
      guard let elements: UnsafePointer<Int64> = cursor.take(count) else { return nil }
      return (UnsafeRawPointer(elements), noTexts)
    case .string:
      guard let codes: UnsafePointer<UInt32> = cursor.take(count),
        let sizes: UnsafePointer<UInt64> = cursor.take(1), let words = Int(exactly: sizes[0]), words <= 1 << 31,
        let offsets: UnsafePointer<UInt32> = cursor.take(words + 1, aligned: false),
        (0..<count).allSatisfy({ codes[$0] < words }),
        let bytes: UnsafePointer<UInt8> = cursor.take(Int(offsets[words])),
        let dictionary = try? SectionTable.texts(
          offsets, UnsafeRawBufferPointer(start: bytes, count: Int(offsets[words])), count: words, path: path)
      else { return nil }
      return (UnsafeRawPointer(codes), dictionary)
    }
  }
}

/// Hands out arrays from a run of bytes, never past its end.
private struct AlignedCursor {
  let bytes: UnsafeRawBufferPointer
  var offset: Int

  /// `count` values, then on to the next multiple of eight.
  mutating func take<T>(_ count: Int, aligned: Bool = true) -> UnsafePointer<T>? {
    let size = MemoryLayout<T>.stride
    guard let base = bytes.baseAddress, offset <= bytes.count, count <= (bytes.count - offset) / size else {
      return nil
    }
    defer {
      offset += count * size
      if aligned { offset = (offset + 7) & ~7 }
    }
    return (base + offset).assumingMemoryBound(to: T.self)
  }
}
