extension RecordBlock {
  /// Puts records into one run of bytes and opens it.
  ///
  /// - Parameter records: in row order, at most ``capacity``, documents and the rest below 4 GB.
  /// - Complexity: O(bytes + values · log values).
  package static func build(_ records: [Record]) throws(StorageError) -> RecordBlock {
    let memory = BlockMemory(encode(records))
    return try RecordBlock(bytes: UnsafeRawBufferPointer(memory.bytes), owner: memory)
  }

  static func encode(_ records: [Record]) -> [UInt8] {
    var sections = [[UInt8]](repeating: [], count: Section.allCases.count)
    func put<T: FixedWidthInteger>(_ section: Section, _ values: [T]) {
      var writer = ByteWriter()
      writer.append(contentsOf: values)
      sections[section.rawValue] = writer.bytes
    }
    func putTexts<T>(_ offsets: Section, _ texts: Section, of values: [T], _ append: (T, inout ByteWriter) -> Void) {
      var writer = ByteWriter()
      var ends: [UInt32] = [0]
      for value in values {
        append(value, &writer)
        ends.append(UInt32(truncatingIfNeeded: writer.bytes.count))
      }
      put(offsets, ends)
      sections[texts.rawValue] = writer.bytes
    }
    func putPresence(_ section: Section, _ isPresent: (Record) -> Bool) {
      var words = [UInt64](repeating: 0, count: (records.count + 63) / 64)
      for (row, record) in records.enumerated() where isPresent(record) { words[row >> 6] |= 1 << UInt64(row & 63) }
      put(section, words)
    }
    put(.versions, records.map(\.version))
    put(.positions, records.map(\.position))
    putTexts(.idOffsets, .ids, of: records) { $1.append(raw: $0.id) }
    putTexts(.documentOffsets, .documents, of: records) { $1.append(raw: $0.document ?? "") }
    putPresence(.documentPresence) { $0.document != nil }
    putTexts(.uriOffsets, .uris, of: records) { $1.append(raw: $0.uri ?? "") }
    putPresence(.uriPresence) { $0.uri != nil }
    let keys = Set(records.flatMap(\.metadata.keys)).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: zip(keys, 0...))
    putTexts(.metadataKeyOffsets, .metadataKeys, of: keys) { $1.append(raw: $0) }
    putTexts(.metadataOffsets, .metadata, of: records) {
      MetadataEncoding.append($0.metadata, numbers: numbers, to: &$1)
    }
    (sections[Section.columnDirectory.rawValue], sections[Section.columns.rawValue]) = ColumnDirectory.build(records)
    put(.trigrams, trigrams(of: sections, count: records.count))
    return assemble(sections, rowCount: records.count)
  }

  private static func trigrams(of sections: [[UInt8]], count: Int) -> [UInt64] {
    sections[Section.documents.rawValue].withUnsafeBytes { text in
      sections[Section.documentOffsets.rawValue].withUnsafeBytes { offsets in
        sections[Section.documentPresence.rawValue].withUnsafeBytes { present in
          guard let starts = offsets.baseAddress?.assumingMemoryBound(to: UInt32.self),
            let words = present.baseAddress?.assumingMemoryBound(to: UInt64.self),
            let run = DocumentRun(text: text, offsets: starts, present: words, count: count)
          else { return [] }
          return TrigramSignature.build(run)
        }
      }
    }
  }

  private static func assemble(_ sections: [[UInt8]], rowCount: Int) -> [UInt8] {
    var header = ByteWriter()
    header.append(magic)
    header.append(UInt32(rowCount))
    header.append(UInt64(sections.count))
    var start = SectionTable.headerBytes
    for section in sections {
      header.append(UInt64(start))
      header.append(UInt64(section.count))
      start += (section.count + 7) & ~7
    }
    for section in sections {
      header.append(bytes: section)
      header.align(to: 8)
    }
    return header.bytes
  }
}
