/// ZIP archives made by hand, without compression.
enum TestZIP {
  static func make(_ members: [(name: String, text: String)]) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, text) in members {
      let (name, bytes) = (Array(name.utf8), Array(text.utf8))
      let offset = file.count
      let common =
        le(20, 2) + le(0, 2) + le(0, 2) + le(0, 2) + le(0x21, 2) + le(Int(crc(bytes)), 4) + le(bytes.count, 4)
        + le(bytes.count, 4) + le(name.count, 2) + le(0, 2)
      file += Array("PK\u{3}\u{4}".utf8) + common + name + bytes
      directory += Array("PK\u{1}\u{2}".utf8) + le(20, 2) + common + le(0, 2) + le(0, 2) + le(0, 2) + le(0, 4)
      directory += le(offset, 4) + name
    }
    let end = le(0, 2) + le(0, 2) + le(members.count, 2) + le(members.count, 2) + le(directory.count, 4)
    return file + directory + Array("PK\u{5}\u{6}".utf8) + end + le(file.count, 4) + le(0, 2)
  }

  /// A DOCX whose body is the given XML.
  static func docx(_ body: String, styles: String? = nil) -> [UInt8] {
    let namespace = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    var members = [
      ("[Content_Types].xml", head + "<Types/>"),
      ("word/document.xml", head + "<w:document \(namespace)><w:body>\(body)</w:body></w:document>"),
    ]
    if let styles { members.append(("word/styles.xml", head + "<w:styles \(namespace)>\(styles)</w:styles>")) }
    return make(members)
  }

  private static func le(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
